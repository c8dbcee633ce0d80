"""Working hours are read as people write them, nothing is guessed, and what is written is read back."""

from datetime import date

import pytest

from bot.rules.working_hours import ClockRange, DatedException, Morning, WorkingHours, WorkingHoursError
from bot.rules.working_hours_text import (
    parse_exception,
    parse_working_hours,
    written,
    written_exception,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("weekdays 08:00-19:00 Europe/Berlin", "weekdays 08:00-19:00 Europe/Berlin"),
        ("weekday 8-19", "weekdays 08:00-19:00 UTC"),
        (
            "mon-fri 08:00-12:00,13:00-18:00; sat 10:00-14:00 Europe/Berlin holidays=DE-BY",
            "weekdays 08:00-12:00,13:00-18:00; sat 10:00-14:00 Europe/Berlin holidays=DE-BY",
        ),
        ("daily 22:00-06:00 America/New_York", "daily 22:00-06:00 America/New_York"),
        ("mon,wed,fri 9-17 asleep", "mon,wed,fri 09:00-17:00 UTC stay-asleep"),
        ("mon, wed & fri 9-17".replace(" &", ","), "mon,wed,fri 09:00-17:00 UTC"),
        ("MONDAY – FRIDAY 8 am — 5:30 PM", "weekdays 08:00-17:30 UTC"),
        ("mon to thu 8 to 17, sat 10-14", "mon-thu 08:00-17:00; sat 10:00-14:00 UTC"),
        ("on Tuesdays and-thu 8-17".replace(" and-", ","), "tue,thu 08:00-17:00 UTC"),
        ("fri-mon 9-17", "mon,fri-sun 09:00-17:00 UTC"),
        ("sat,sun 00:00-24:00", "weekends 00:00-24:00 UTC"),
        ("weekends all day", "weekends 00:00-24:00 UTC"),
        ("daily 18:00-0:00", "daily 18:00-24:00 UTC"),
        ("daily 6pm-12am", "daily 18:00-24:00 UTC"),
        ("daily 12am-12pm", "daily 00:00-12:00 UTC"),
        ("daily 22-6", "daily 22:00-06:00 UTC"),
        ("daily 18-8", "daily 18:00-08:00 UTC"),
        ("daily 10pm-6", "daily 22:00-06:00 UTC"),
        ("daily 9-5pm", "daily 09:00-17:00 UTC"),
        ("daily 08:00-05:00", "daily 08:00-05:00 UTC"),
        ("daily 13-18 8-12", "daily 08:00-12:00,13:00-18:00 UTC"),
        ("mon-fri 8-17; mon 16-20 fri 17-18", "mon 08:00-20:00; tue-thu 08:00-17:00; fri 08:00-18:00 UTC"),
        (
            "Asia/Tokyo stay asleep until asked holidays = jp mon 9-17",
            "mon 09:00-17:00 Asia/Tokyo holidays=JP stay-asleep",
        ),
        ("mon 9-17 wake in the morning holidays=none", "mon 09:00-17:00 UTC"),
        ("mon 9-17 america/port-au-prince", "mon 09:00-17:00 America/Port-au-Prince"),
        ("mon 9-17 etc/gmt-14 etc/gmt-14", "mon 09:00-17:00 Etc/GMT-14"),
        ("mon 9-17 holidays=uk", "mon 09:00-17:00 UTC holidays=GB"),
        ("mon 9-17\ntue 10-18", "mon 09:00-17:00; tue 10:00-18:00 UTC"),
        (
            "mon 9-17 off 2026-12-24 – 2027-01-02; ON 2026-11-28 10am-6pm; on 2026-11-29",
            "mon 09:00-17:00 UTC; off 2026-12-24..2027-01-02; on 2026-11-28 10:00-18:00; on 2026-11-29",
        ),
    ],
)
def test_working_hours_are_read_as_they_are_meant(typed: str, meant: str) -> None:
    assert written(parse_working_hours(typed, "UTC")) == meant


def test_the_value_says_what_the_text_says() -> None:
    morning = (ClockRange(480, 720),)

    assert parse_working_hours("mon-wed 8-12; sun 22-6 asleep; off 2026-12-24", "Europe/Berlin") == WorkingHours(
        week=(morning, morning, morning, (), (), (), (ClockRange(1_320, 1_800),)),
        zone="Europe/Berlin",
        morning=Morning.STAY_ASLEEP,
        exceptions=(DatedException(date(2026, 12, 24), date(2026, 12, 24)),),
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", 'Working hours "" name no days and hours: try weekdays 08:00-19:00 Europe/Berlin.'),
        (
            "Europe/Berlin",
            'Working hours "Europe/Berlin" name no days and hours: try weekdays 08:00-19:00 Europe/Berlin.',
        ),
        ("off", 'Exception "off" is not on or off with a date: try off 2026-12-24, or on 2026-11-28 10:00-18:00.'),
        ("weekdays", 'Days "weekdays" have no hours: try weekdays 08:00-19:00.'),
        (
            "mon 8-17 off",
            'Exception "off" is not on or off with a date: try off 2026-12-24, or on 2026-11-28 10:00-18:00.',
        ),
        ("mon; 8-17", 'Days "mon" have no hours: try mon 08:00-19:00.'),
        ("8-17", 'Hours "8-17" have no days: try weekdays 08:00-17:00.'),
        ("wekdays 8-17", 'Word "wekdays" is no day, time or time zone: did you mean weekdays?'),
        ("xyzzy 8-17", 'Word "xyzzy" is no day, time or time zone: try weekdays 08:00-19:00 Europe/Berlin.'),
        ("mon-fry 8-17", 'Days "mon-fry" are not one day to another: did you mean mon-fri?'),
        ("mon-tue-wed 8-17", 'Days "mon-tue-wed" are not one day to another: try mon-fri.'),
        ("mon-mon 8-17", 'Days "mon-mon" are one day: write mon, or daily for all seven.'),
        ("mon 8:00", 'Hours "8:00" have no end: try 08:00-16:00.'),
        ("mon 8-10-12", 'Hours "8-10-12" are not one time to another: try 08:00-19:00.'),
        ("mon 8-25", 'Time "25" is not a time: try 08:00, 8am or 7:30pm.'),
        ("mon 8:60-9", 'Time "8:60" is not a time: try 08:00, 8am or 7:30pm.'),
        ("mon 0800-1700", 'Time "0800" is not a time: try 08:00, 8am or 7:30pm.'),
        ("mon 13pm-14pm", 'Time "13pm" is not a time: try 08:00, 8am or 7:30pm.'),
        ("mon 8-24:01", 'Time "24:01" is not a time: try 08:00, 8am or 7:30pm.'),
        ("mon 24:00-06:00", 'Time "24:00" can only be an end: as a beginning write 00:00.'),
        (
            "sat-sun 03:00-03:00",
            'Hours "03:00-03:00" have no length: for a whole day write 00:00-24:00, or another end as in 03:00-11:00.',
        ),
        ("mon 9-5", 'Hours "9-5" could mean 09:00-17:00 or 09:00-05:00: write the one you mean.'),
        ("mon 7-9pm", 'Hours "7-9pm" could mean 19:00-21:00 or 07:00-21:00: write the one you mean.'),
        ("mon 10-6am", 'Hours "10-6am" could mean 22:00-06:00 or 10:00-06:00: write the one you mean.'),
        ("mon 12-8", 'Hours "12-8" could mean 12:00-20:00 or 12:00-08:00: write the one you mean.'),
        ("mon 08:00-5", 'Hours "08:00-5" could mean 08:00-17:00 or 08:00-05:00: write the one you mean.'),
        ("mon 8am-5", 'Hours "8am-5" could mean 08:00-17:00 or 08:00-05:00: write the one you mean.'),
        (
            "mon 08:00-20:00,20:00-08:00",
            (
                'Hours "08:00-08:00" are together a day or longer: '
                "write 00:00-24:00, and hours after midnight with the next day."
            ),
        ),
        (
            "mon 1-2,3-4,5-6,7-8,9-10,11-12,13-14",
            'Hours "01:00-02:00,03:00-04:00,05:00-06:00,07:…" are more than 6 ranges a day.',
        ),
        ("mon 8-17 Europe/Berln", 'Time zone "Europe/Berln" is unknown: did you mean Europe/Berlin?'),
        ("mon 8-17 Germany/Berlin", 'Time zone "Germany/Berlin" is unknown: did you mean Europe/Berlin?'),
        ("mon 8-17 Mars/Olympus", 'Time zone "Mars/Olympus" is unknown: try Europe/Berlin or America/New_York.'),
        ("mon 8-17 Berlin", 'Word "Berlin" is no day, time or time zone: did you mean Europe/Berlin?'),
        ("mon 8-17 CEST", 'Time zone "CEST" is no place\'s name: try Europe/Berlin or America/New_York.'),
        ("mon 8-17 UTC Asia/Tokyo", 'Working hours "UTC and Asia/Tokyo" are two time zones: name one.'),
        ("mon 8-17 wake asleep", 'Working hours "wake and stay-asleep" are two modes: name one.'),
        ("mon 8-17 holidays=DE holidays=none", 'Working hours "DE and none" are two regions of holidays: name one.'),
        (
            "mon 8-17 holidays=Germany",
            'Holidays "Germany" are of no country or part of one that Berth knows: did you mean DE?',
        ),
        (
            "mon 8-17 holidays=GB-XX",
            (
                'Holidays "GB-XX" are of no country or part of one that Berth knows: '
                "try GB, GB-ENG, GB-NIR, GB-SCT, GB-WLS."
            ),
        ),
        (
            "mon 8-17 holidays=",
            (
                'Holidays "" are of no country or part of one that Berth knows: '
                "try holidays=DE, holidays=DE-BY or holidays=none."
            ),
        ),
        ("mon 8-17 holiday=DE", 'Option "holiday=DE" is unknown: try holidays=DE, holidays=DE-BY or holidays=none.'),
        (
            "mon 8-17 off christmas",
            'Date "christmas" is not a date: try 2026-12-24, or 2026-12-24..2027-01-02 for several days.',
        ),
        (
            "mon 8-17; off christmas",
            'Date "christmas" is not a date: try 2026-12-24, or 2026-12-24..2027-01-02 for several days.',
        ),
        (
            "mon 8-17 <!channel>" + "x" * 60,
            (
                'Word "<!channel>xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is no day, time or time zone: '
                "try weekdays 08:00-19:00 Europe/Berlin."
            ),
        ),
        ("mon ½-3", 'Word "½-3" is no day, time or time zone: try weekdays 08:00-19:00 Europe/Berlin.'),
        ("mon ٣-٤", 'Word "٣-٤" is no day, time or time zone: try weekdays 08:00-19:00 Europe/Berlin.'),
    ],
)
def test_what_is_no_working_hours_is_refused_with_what_is(typed: str, told: str) -> None:
    with pytest.raises(WorkingHoursError) as refused:
        parse_working_hours(typed, "UTC")

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", 'Exception "" is not one: try off 2026-12-24, or on 2026-11-28 10:00-18:00.'),
        (
            "off 2026-12-24; off 2026-12-31",
            'Exception "off 2026-12-24; off 2026-12-31" is not one: try off 2026-12-24, or on 2026-11-28 10:00-18:00.',
        ),
        (
            "2026-12-24",
            'Exception "2026-12-24" is not on or off with a date: try off 2026-12-24, or on 2026-11-28 10:00-18:00.',
        ),
        (
            "off 24.12.2026",
            'Date "24.12.2026" is not a date: try 2026-12-24, or 2026-12-24..2027-01-02 for several days.',
        ),
        ("off 2026-02-30", 'Date "2026-02-30" is not on the calendar: try 2026-12-24.'),
        ("off 0026-12-24", 'Date "0026-12-24" is not between 2000 and 2199: try 2026-12-24.'),
        ("off 2027-01-02..2026-12-24", 'Dates "2027-01-02..2026-12-24" run backwards: try 2026-12-24..2027-01-02.'),
        (
            "off 2026-01-01..2027-01-02",
            'Dates "2026-01-01..2027-01-02" are more than a year: change the working hours instead.',
        ),
        (
            "off 2026-12-24 8-12",
            (
                'Exception "off 2026-12-24 8-12" takes whole days off: '
                "try off 2026-12-24, or on 2026-12-24 08:00-12:00 for the hours that are left."
            ),
        ),
        ("on 2026-12-24 soon", 'Time "soon" is not a time: try 08:00, 8am or 7:30pm.'),
    ],
)
def test_what_is_no_exception_is_refused_with_what_is(typed: str, told: str) -> None:
    with pytest.raises(WorkingHoursError) as refused:
        parse_exception(typed)

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("off 2026-12-24", "off 2026-12-24"),
        ("OFF 2026-12-24 … 2027-01-02", "off 2026-12-24..2027-01-02"),
        ("off 2026-12-24..2026-12-24", "off 2026-12-24"),
        ("off 2027-01-01 to 2028-01-01", "off 2027-01-01..2028-01-01"),
        ("on 2026-11-28 all day", "on 2026-11-28"),
        ("on 2026-11-28 00:00-24:00", "on 2026-11-28"),
        ("on 2026-11-28..2026-11-29 10:00-18:00, 20-23", "on 2026-11-28..2026-11-29 10:00-18:00,20:00-23:00"),
        ("on 2026-11-28 22:00-06:00", "on 2026-11-28 22:00-06:00"),
    ],
)
def test_an_exception_is_read_as_it_is_meant(typed: str, meant: str) -> None:
    assert written_exception(parse_exception(typed)) == meant
