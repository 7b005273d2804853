#!/usr/bin/python3
"""What the KPIs must say of Pennsylvania's overdose responses, worked out from the CSV file without any SQL.

    expected.py FILE    prints CSV lines, each beginning with the name of what it states; an empty field is a NULL.

It knows the rules (Pennsylvania's fiscal year begins in July; records from 2018-01-01 to 2020-01-15; as of 2020-01-31; an
incident counts once, on the day and in the county of its first administration), and nothing of how the extension follows them.
"""
import collections
import csv
import datetime
import math
import statistics
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


def month_name(day):
    return "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[day.month - 1]


def overlap(start, end, other_start, other_end):
    """Days that two spans, last days included, have in common."""
    return max(0, (min(end, other_end) - max(start, other_start)).days + 1)


def wilson(events, trials):
    """Share and its 95 % limits by Wilson's formula, as text; empty where there is no share."""
    if not trials:
        return ["", "", ""]
    z = statistics.NormalDist().inv_cdf(0.975)
    share = events / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return [rounded(share)] + [rounded((middle + sign * half) / (1 + z * z / trials)) for sign in (-1, 1)]


def rounded(share):
    return "%.9f" % abs(share)


def hour_of_week(row):
    """1 from Monday midnight to 168, on the clock in the file; where the clocks go forward there is no hour from 2 to 3."""
    hour = int(row["incident_time"].split(":")[0])
    if hour == 2 and row["day"] in (datetime.date(2018, 3, 11), datetime.date(2019, 3, 10)):
        hour = 3
    return 24 * row["day"].weekday() + hour + 1


def periods(first_day):
    """(key, label, first day, last day) of every period from the fiscal year of a day on."""
    start = datetime.date(first_day.year - (first_day.month < 7), 7, 1)
    # Twelve months to the end of every month that has ended.
    begin = start
    while months_later(begin, 12) - DAY <= AS_OF:
        end = months_later(begin, 12) - DAY
        yield "rolling_12_months %s" % begin.strftime("%Y-%m"), "12 months to %s %d" % (month_name(end), end.year), begin, end
        begin = months_later(begin, 1)
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
                yield ("month %s" % begin.strftime("%Y-%m"), "%s %d" % (month_name(begin), begin.year), begin,
                       months_later(begin, 1) - DAY)
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

# Overdoses: whoever is in the file, by incident; naloxone was given if anybody was given it.
overdoses = collections.defaultdict(list)
for row in rows:
    overdoses[row["incident_id"]].append(row)
out.writerow(["total", "overdoses", len(overdoses)])
out.writerow(["total", "people in overdoses", sum(len(people) for people in overdoses.values())])
out.writerow(["total", "overdoses in one county and at one time", sum(
    len({(row["county"], row["day"], row["incident_time"]) for row in people}) == 1 for people in overdoses.values())])

# What there is to count, by county and day.
administrations = collections.Counter((row["county"], row["day"]) for row in given)
died = collections.Counter((row["county"], row["day"]) for row in given if row["survived"] == "N")
begun = collections.Counter((people[0]["county"], people[0]["day"]) for people in incidents.values())
survived = collections.Counter((row["county"], row["day"]) for row in given if row["survived"] == "Y")
attended = collections.Counter((people[0]["county"], people[0]["day"]) for people in overdoses.values())
with_naloxone = collections.Counter((people[0]["county"], people[0]["day"]) for people in overdoses.values()
                                    if any(row["naloxone_administered"] == "Y" for row in people))

# Every administration's groups; what the file does not have is not recorded.
KINDS = ("sex", "age_band", "setting", "substance", "condition", "adp", "hour_of_week")
NOT_MAPPED = ("setting", "condition", "adp")
for row in given:
    row["groups"] = ([("sex", {"Male": "male", "Female": "female"}.get(row["gender"], "UNKNOWN")),
                      ("age_band", row["age_range"].replace(" ", "").replace("-*", "+")),
                      ("hour_of_week", str(hour_of_week(row)))]
                     + [("substance", drug) for drug in set(row["suspected_drugs"].lower().split(";"))]
                     + [(kind, "UNKNOWN") for kind in NOT_MAPPED])
# What ever occurs in an area has a row in its every period, but for hours; what is not recorded always has.
occurring = collections.defaultdict(set)
for row in given:
    for area in ("force", "division " + row["county"]):
        occurring[area].update(group for group in row["groups"] if group[0] != "hour_of_week")
for area in ["force", "division UNKNOWN"] + ["division " + county for county in counties]:
    occurring[area].update((kind, "UNKNOWN") for kind in KINDS)


def groups_in(start, end):
    """How many administrations there are in every area and group, and in every area, within two days; and the groups of every area."""
    groups, totals, present = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    for row in given:
        if start <= row["day"] <= end:
            for area in ("force", "division " + row["county"]):
                totals[area] += 1
                for group in row["groups"]:
                    groups[area, group] += 1
                    present[area].add(group)
    return groups, totals, present


def by_area(counted, start, end):
    """What is counted by county and day, by area within two days."""
    found = collections.Counter()
    for (county, day), number in counted.items():
        if start <= day <= end:
            found["force"] += number
            found["division " + county] += number
    return found


out.writerow(["area", "force", "force", "Force", ""])
out.writerow(["area", "division UNKNOWN", "division", "Unknown", "force"])
for county in counties:
    out.writerow(["area", "division " + county, "division", county, "force"])

every_period = list(periods(min(row["day"] for row in rows)))
keys = {key for key, _, _, _ in every_period}
for key, label, start, end in every_period:
    grain, begin = key.split()
    year_before = "%s %d%s" % (grain, int(begin[:4]) - 1, begin[4:])
    out.writerow(["period", key, grain, label, start, end, int(end <= AS_OF), int(end + REPORTING_DELAY <= AS_OF),
                  year_before if year_before in keys else ""])
    elapsed_to = min(end, AS_OF)
    held = overlap(start, elapsed_to, COVERED_FROM, AS_OF)
    covered = overlap(start, elapsed_to, COVERED_FROM, COVERED_TO)
    groups, totals, present = groups_in(start, elapsed_to)
    given_in, died_in, survived_in, incidents_in, attended_in, with_in = (
        by_area(counted, start, elapsed_to) for counted in (administrations, died, survived, begun, attended, with_naloxone))
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
            given_here = given_in[area]
            died_here = died_in[area]
            incidents_here = incidents_in[area]
            # Nobody is known again and no dose is recorded: zero people, all of them without a key, zero doses recorded.
            doses = [incidents_here, given_here, given_here, 0, given_here, 0, 0, 0, 0, 0, given_here]
            ambulance = [incidents_here] + [0] * 17
            referral = [given_here, died_here, given_here - died_here, 0, 0, 0]
            # Nobody is said to have been believed dead, and nothing is said of when.
            survived_here = survived_in[area]
            survival = ([given_here, 0, 0, survived_here, died_here, given_here - survived_here - died_here]
                        + wilson(survived_here, survived_here + died_here)
                        + ([rounded(survived_here / given_here), rounded((given_here - died_here) / given_here)] if given_here else ["", ""])
                        + [0, 0, 0, 0])
            # Every overdose has its answer, and all with naloxone have an administration; the file has no reason why not.
            attended_here = attended_in[area]
            with_here = with_in[area]
            without = attended_here - with_here
            overdose = {
                "ALL": [attended_here, with_here, without, 0] + wilson(with_here, attended_here) + [0] + wilson(with_here, with_here)
                       + [0, incidents_here, 0, 0],
                "NONE": [with_here, with_here, 0, 0] + [""] * 3 + [0] + [""] * 3 + [0, incidents_here, 0, 0],
                "UNKNOWN": [without, 0, without, 0] + [""] * 3 + [0] + [""] * 3 + [0, 0, 0, 0]}
        else:
            doses, ambulance, referral, survival = [""] * 11, [""] * 18, [""] * 6, [""] * 15
            overdose = dict.fromkeys(("ALL", "NONE", "UNKNOWN"), [""] * 15)
        days = [held * divisions, covered * divisions]
        out.writerow(["doses", key, area] + days + doses)
        for category in ("ALL", "UNKNOWN"):
            for source in ("ALL", "UNKNOWN"):
                out.writerow(["ambulance", key, area, category, "UNKNOWN", source] + days + ambulance)
        out.writerow(["referral", key, area, "ALL"] + days + referral)
        out.writerow(["survival", key, area] + days + survival)
        for reason, figures in overdose.items():
            out.writerow(["overdose", key, area, reason] + days + figures)
        for kind, value in occurring[area] | present[area]:
            number = [groups[area, (kind, value)], totals[area] - groups[area, (kind, "UNKNOWN")]] if covered > 0 else ["", ""]
            out.writerow(["group", key, area, kind, value] + days + number)
