#!/usr/bin/python3
"""What the KPIs must say of Pennsylvania's overdose responses, worked out from the CSV file without any SQL.

    expected.py FILE    prints CSV lines, each beginning with the name of what it states; an empty field is a NULL.

It knows the rules (Pennsylvania's fiscal year begins in July; records from 2018-01-01 to 2020-01-15; as of 2020-01-31; an
incident counts once, on the day and in the county of its first administration), and nothing of how the extension follows them.
"""
import collections
import csv
import datetime
import sys

AS_OF = datetime.date(2020, 1, 31)
COVERED_FROM = datetime.date(2018, 1, 1)
COVERED_TO = datetime.date(2020, 1, 15)
REPORTING_DELAY = datetime.timedelta(45)
DAY = datetime.timedelta(1)

out = csv.writer(sys.stdout, lineterminator="\n")


def months_later(first, months):
    month = first.year * 12 + first.month - 1 + months
    return datetime.date(month // 12, month % 12 + 1, 1)


def overlap(start, end, other_start, other_end):
    """Days that two spans, last days included, have in common."""
    return max(0, (min(end, other_end) - max(start, other_start)).days + 1)


def periods(first_day):
    """(key, label, first day, last day) of every period from the fiscal year of a day on."""
    start = datetime.date(first_day.year - (first_day.month < 7), 7, 1)
    while start <= AS_OF:
        fiscal_year = "%d/%02d" % (start.year, (start.year + 1) % 100)
        yield "fiscal_year %d-07" % start.year, fiscal_year, start, months_later(start, 12) - DAY
        for quarter in range(4):
            begin = months_later(start, 3 * quarter)
            if begin <= AS_OF:
                yield ("fiscal_quarter %s" % begin.strftime("%Y-%m"), "%s Q%d" % (fiscal_year, quarter + 1), begin,
                       months_later(begin, 3) - DAY)
        for month in range(12):
            begin = months_later(start, month)
            if begin <= AS_OF:
                name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[begin.month - 1]
                yield ("month %s" % begin.strftime("%Y-%m"), "%s %d" % (name, begin.year), begin, months_later(begin, 1) - DAY)
        start = months_later(start, 12)


rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
for row in rows:
    month, day, year = row["incident_date"].split("/")
    row["day"] = datetime.date(int(year), int(month), int(day))
given = [row for row in rows if row["naloxone_administered"] == "Y"]
counties = sorted({row["county"] for row in rows})

# An incident's administrations, the first of them first.
incidents = collections.defaultdict(list)
for row in given:
    incidents[row["incident_id"]].append(row)
for people in incidents.values():
    people.sort(key=lambda row: (row["day"], row["incident_time"], row["person_id"]))

# Rows in = rows accounted for.
out.writerow(["total", "rows", len(rows)])
out.writerow(["total", "administrations", len(given)])
out.writerow(["total", "responses without naloxone", len(rows) - len(given)])
out.writerow(["total", "incidents with an administration", len(incidents)])
out.writerow(["total", "incidents with several administrations", sum(len(people) > 1 for people in incidents.values())])
out.writerow(["total", "most administrations in an incident", max(len(people) for people in incidents.values())])
# Rows that differ in nothing but person_id: nobody can say whether they are one person twice, so all count.
same = collections.Counter(tuple(row[name] for name in ("incident_id", "incident_date", "incident_time", "county", "gender",
                                                        "age_range", "naloxone_administered", "revival_time", "survived",
                                                        "suspected_drugs")) for row in given)
out.writerow(["total", "administrations alike but for person_id", sum(number - 1 for number in same.values())])
out.writerow(["total", "first day", min(row["day"] for row in rows)])
out.writerow(["total", "last day", max(row["day"] for row in rows)])
out.writerow(["total", "counties", len(counties)])


def count(name, values):
    for value, number in collections.Counter(values).items():
        out.writerow(["count", name, value, number])


count("age_band", [row["age_range"].replace(" ", "").replace("-*", "+") for row in given])
count("sex", [{"Male": "male", "Female": "female", "Unknown": ""}[row["gender"]] for row in given])
count("survival", [{"Y": "survived", "N": "died", "U": "not_known"}[row["survived"]] for row in given])
count("substance", [drug.lower() for row in given for drug in row["suspected_drugs"].split(";")])
count("revival_time", [row["revival_time"] for row in rows])
count("revival_time after naloxone", [row["revival_time"] for row in given])
count("day", [row["day"] for row in given])

# What there is to count, by county and day.
administrations = collections.Counter((row["county"], row["day"]) for row in given)
died = collections.Counter((row["county"], row["day"]) for row in given if row["survived"] == "N")
begun = collections.Counter((people[0]["county"], people[0]["day"]) for people in incidents.values())


def number_in(counted, area, start, end):
    return sum(number for (county, day), number in counted.items()
               if start <= day <= end and (area == "force" or area == "division " + county))


out.writerow(["area", "force", "force", "Force", ""])
out.writerow(["area", "division UNKNOWN", "division", "Unknown", "force"])
for county in counties:
    out.writerow(["area", "division " + county, "division", county, "force"])

every_period = list(periods(min(row["day"] for row in given)))
keys = {key for key, _, _, _ in every_period}
for key, label, start, end in every_period:
    grain, begin = key.split()
    year_before = "%s %d%s" % (grain, int(begin[:4]) - 1, begin[4:])
    out.writerow(["period", key, grain, label, start, end, int(end <= AS_OF), int(end + REPORTING_DELAY <= AS_OF),
                  year_before if year_before in keys else ""])
    elapsed_to = min(end, AS_OF)
    held = overlap(start, elapsed_to, COVERED_FROM, AS_OF)
    covered = overlap(start, elapsed_to, COVERED_FROM, COVERED_TO)
    for area in ["force", "division UNKNOWN"] + ["division " + county for county in counties]:
        if area == "force":
            divisions = len(counties)
        elif area == "division UNKNOWN":
            divisions = 0
        elif held == 0:
            continue    # no county is known to have been there
        else:
            divisions = 1
        if covered > 0:
            given_here = number_in(administrations, area, start, elapsed_to)
            died_here = number_in(died, area, start, elapsed_to)
            incidents_here = number_in(begun, area, start, elapsed_to)
            # Nobody is known again and no dose is recorded: zero people, all of them without a key, zero doses recorded.
            doses = [incidents_here, given_here, given_here, 0, given_here, 0, 0, 0, 0, 0, given_here]
            ambulance = [incidents_here] + [0] * 17
            referral = [given_here, died_here, given_here - died_here, 0, 0, 0]
        else:
            doses, ambulance, referral = [""] * 11, [""] * 18, [""] * 6
        days = [held * divisions, covered * divisions]
        out.writerow(["doses", key, area] + days + doses)
        for category in ("ALL", "UNKNOWN"):
            for source in ("ALL", "UNKNOWN"):
                out.writerow(["ambulance", key, area, category, "UNKNOWN", source] + days + ambulance)
        out.writerow(["referral", key, area, "ALL"] + days + referral)
