-- The 32 council areas of Scotland with their divisions and Alcohol and Drug Partnerships, and in which of them each invented
-- administration was. Real are the names, the codes of the Government Statistical Service and the populations, in thousands
-- (Scotland's Census 2022, rounded); two partnerships cover two council areas each.

CREATE TEMP TABLE council ON COMMIT DROP AS
SELECT * FROM (VALUES
	('S12000033', 'Aberdeen City',         'A', 'Aberdeen City ADP',                 224.0::float8),
	('S12000034', 'Aberdeenshire',         'A', 'Aberdeenshire ADP',                 264.0),
	('S12000020', 'Moray',                 'A', 'Moray ADP',                          94.0),
	('S12000005', 'Clackmannanshire',      'C', 'Clackmannanshire and Stirling ADP',  51.8),
	('S12000014', 'Falkirk',               'C', 'Falkirk ADP',                       158.5),
	('S12000030', 'Stirling',              'C', 'Clackmannanshire and Stirling ADP',  92.6),
	('S12000041', 'Angus',                 'D', 'Angus ADP',                         114.7),
	('S12000042', 'Dundee City',           'D', 'Dundee City ADP',                   148.3),
	('S12000048', 'Perth and Kinross',     'D', 'Perth and Kinross ADP',             150.9),
	('S12000036', 'City of Edinburgh',     'E', 'Edinburgh ADP',                     512.7),
	('S12000045', 'East Dunbartonshire',   'G', 'East Dunbartonshire ADP',           108.9),
	('S12000011', 'East Renfrewshire',     'G', 'East Renfrewshire ADP',              96.8),
	('S12000049', 'Glasgow City',          'G', 'Glasgow City ADP',                  620.7),
	('S12000010', 'East Lothian',          'J', 'Mid and East Lothian ADP',          112.3),
	('S12000019', 'Midlothian',            'J', 'Mid and East Lothian ADP',           96.5),
	('S12000026', 'Scottish Borders',      'J', 'Scottish Borders ADP',              116.9),
	('S12000040', 'West Lothian',          'J', 'West Lothian ADP',                  181.3),
	('S12000018', 'Inverclyde',            'K', 'Inverclyde ADP',                     78.4),
	('S12000038', 'Renfrewshire',          'K', 'Renfrewshire ADP',                  184.0),
	('S12000035', 'Argyll and Bute',       'L', 'Argyll and Bute ADP',                86.0),
	('S12000039', 'West Dunbartonshire',   'L', 'West Dunbartonshire ADP',            88.4),
	('S12000017', 'Highland',              'N', 'Highland ADP',                      235.5),
	('S12000013', 'Na h-Eileanan Siar',    'N', 'Outer Hebrides ADP',                 26.1),
	('S12000023', 'Orkney Islands',        'N', 'Orkney ADP',                         22.0),
	('S12000027', 'Shetland Islands',      'N', 'Shetland ADP',                       23.0),
	('S12000047', 'Fife',                  'P', 'Fife ADP',                          371.8),
	('S12000050', 'North Lanarkshire',     'Q', 'North Lanarkshire ADP',             341.0),
	('S12000029', 'South Lanarkshire',     'Q', 'South Lanarkshire ADP',             327.2),
	('S12000008', 'East Ayrshire',         'U', 'East Ayrshire ADP',                 120.4),
	('S12000021', 'North Ayrshire',        'U', 'North Ayrshire ADP',                133.5),
	('S12000028', 'South Ayrshire',        'U', 'South Ayrshire ADP',                111.5),
	('S12000006', 'Dumfries and Galloway', 'V', 'Dumfries and Galloway ADP',         145.9)
) AS council(council_code, council_name, division_code, adp_name, people);

INSERT INTO council_area_record (council_code, council_name, division_code, adp_name, recorded_at)
SELECT council_code, council_name, division_code, adp_name, reference_recorded_at
FROM council, known
ORDER BY council_code;

-- A council area of the division, by its population; of the people in one incident the same.
UPDATE administration_record a
SET council_code = chosen.council_code
FROM administration_record r,
	LATERAL (SELECT substr(r.incident_id, 20)::bigint AS incident) i,
	LATERAL (
		SELECT council_code
		FROM (SELECT council_code, sum(people) OVER (ORDER BY council_code) AS upto, sum(people) OVER () AS total
			  FROM council WHERE division_code = r.incident_division_code) c
		WHERE upto > total * pg_temp.uniform('council', i.incident)
		ORDER BY upto
		LIMIT 1) chosen
WHERE a.administration_id = r.administration_id AND pg_temp.uniform('no council', i.incident) >= 0.04;
