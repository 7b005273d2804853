-- Targets of the demonstration: SYNTHETIC, no force has set them.

INSERT INTO target (indicator, valid_from, statistic, value) VALUES
	('people_referred', '2023-04-01', 'share', 0.50),
	('people_contacted', '2023-04-01', 'share', 0.40),
	('reviewed_within_72_hours', '2023-04-01', 'share', 0.80),
	('drug_deaths_reviewed', '2022-04-01', 'share', 0.90),
	('drug_deaths_reported', '2022-04-01', 'share', 0.95),
	('naloxone_to_ambulance_over_40_mins', '2023-04-01', 'share', 0.05),
	('attitudes', '2022-04-01', 'share', 0.60);
-- A target that one division has set itself goes before everywhere's.
INSERT INTO target (indicator, area_key, valid_from, statistic, value) VALUES
	('drug_deaths_reviewed', 'division D', '2024-04-01', 'share', 0.95);

-- Somebody is called where a division's year gives naloxone to this many.
INSERT INTO alert_threshold (identifier, statistic, grain, at_least) VALUES ('doses_by_division', 'rate', 'rolling_12_months', 20);
