#!/usr/bin/python3
"""What must become of Pennsylvania's overdose responses as forms, worked out from the CSV file without any SQL.

    staged.py FILE    prints CSV lines, each beginning with the name of what it states; an empty field is a NULL.

Only rows with naloxone are forms. A row is rejected where its local time did not exist in New York, or where its age is no
age; it is a finding where its hour came twice. Forms say neither a number of person nor a key, so each is a person of its own; forms of
one incident whose sex and age may be the same are unresolved.
"""
import collections
import csv
import datetime
import sys
import zoneinfo

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
UTC = datetime.timezone.utc
out = csv.writer(sys.stdout, lineterminator="\n")


def moments(local):
    """The moments, in order, at which the clocks of New York show this time: one, two, or none."""
    found = {local.replace(tzinfo=NEW_YORK, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(m for m in found if m.astimezone(NEW_YORK).replace(tzinfo=None) == local)


def age_band(age_range):
    if age_range == "NA":
        return ""
    low, high = age_range.split(" - ")
    if int(low) >= 85:
        return "85+"
    return low + "+" if high == "*" else "%s-%s" % (low, high)


forms = [row for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")) if row["naloxone_administered"] == "Y"]
incidents = collections.defaultdict(list)
rejected = collections.Counter()
twice = 0
for row in forms:
    local = datetime.datetime.strptime(row["incident_date"] + " " + row["incident_time"], "%m/%d/%Y %H:%M:%S")
    at = moments(local)
    if not at:
        rejected["occurred_at,time_does_not_exist"] += 1
        continue
    twice += len(at) == 2
    row["at"] = at[0]
    row["sex"] = {"Male": "male", "Female": "female"}.get(row["gender"], "")
    row["age_band"] = age_band(row["age_range"])
    row["survival"] = {"Y": "survived", "N": "died", "U": "not_known"}.get(row["survived"], "")
    row["substances"] = sorted(set(row["suspected_drugs"].lower().split(";")) - {""}) if row["suspected_drugs"] != "NA" else []
    incidents[row["incident_id"]].append(row)

accepted = [row for people in incidents.values() for row in people]
out.writerow(["run", len(forms), len(accepted), 0, 0, 0, sum(rejected.values())])
for reason in rejected:
    out.writerow(["rejected"] + reason.split(",") + [rejected[reason]])
out.writerow(["twice", twice])


def may_be_one(a, b):
    return not (a["sex"] and b["sex"] and a["sex"] != b["sex"]) and not (a["age_band"] and b["age_band"] and a["age_band"] != b["age_band"])


out.writerow(["unresolved", sum(any(a is not b and may_be_one(a, b) for b in people) for people in incidents.values() for a in people)])
for row in accepted:
    out.writerow(["record", row["person_id"], row["incident_id"], row["county"], row["at"].strftime("%Y-%m-%d %H:%M:%S"), row["sex"],
                  row["age_band"], row["survival"], ";".join(row["substances"])])
for number, count in sorted(collections.Counter(n for people in incidents.values() for n in range(1, len(people) + 1)).items()):
    out.writerow(["number", number, count])
