"""The App Home: a person's environments with buttons, whenever they open it."""
