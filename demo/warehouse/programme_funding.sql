-- Money for the programme: invented, from two funders that do not exist. This year's spending is up to the end of December.

INSERT INTO programme_funding_record (division_code, fiscal_year, strand, funder, allocated, spent, recorded_at)
SELECT NULL, fiscal_year::fiscal_year, strand, funder, allocated, spent, reference_recorded_at
FROM known, (VALUES
	('2020/21', 'initial_rollout',       'synthetic funder 1',  60000.00,  41250.50),
	('2021/22', 'initial_rollout',       'synthetic funder 1', 180000.00, 151310.75),
	('2021/22', 'ongoing_training',      'synthetic funder 2',  20000.00,  18900.00),
	('2022/23', 'initial_rollout',       'synthetic funder 1', 460000.00, 471020.40),
	('2022/23', 'ongoing_training',      'synthetic funder 2',  60000.00,  52777.25),
	('2022/23', 'monitoring_and_supply', 'synthetic funder 2',  45000.00,  38105.60),
	('2023/24', 'initial_rollout',       'synthetic funder 1', 120000.00,  98412.00),
	('2023/24', 'ongoing_training',      'synthetic funder 2',  70000.00,  66240.10),
	('2023/24', 'monitoring_and_supply', 'synthetic funder 2',  90000.00,  81990.90),
	('2024/25', 'ongoing_training',      'synthetic funder 2',  75000.00,  71205.35),
	('2024/25', 'monitoring_and_supply', 'synthetic funder 2', 150000.00, 166480.20),
	('2025/26', 'ongoing_training',      'synthetic funder 2',  75000.00,  49300.00),
	('2025/26', 'monitoring_and_supply', 'synthetic funder 2', 210000.00, 172650.45)
) AS money(fiscal_year, strand, funder, allocated, spent)
ORDER BY fiscal_year, strand, funder;
