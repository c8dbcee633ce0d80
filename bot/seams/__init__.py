"""The seams to the outside worlds. One module speaks to each world and translates its errors into Berth's words."""
