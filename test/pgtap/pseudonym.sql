-- pseudonym() and hmac_sha256(): the vectors of RFC 4231, and figures of Python's hmac.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(24);

-- RFC 4231, test cases 1 to 4, 6 and 7 (5 is cut off).
SELECT is(encode(hmac_sha256(data, key), 'hex'), code, 'RFC 4231, test case ' || n)
FROM (VALUES
    (1, decode(repeat('0b', 20), 'hex'), 'Hi There'::bytea, 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'),
    (2, 'Jefe'::bytea, 'what do ya want for nothing?'::bytea, '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'),
    (3, decode(repeat('aa', 20), 'hex'), decode(repeat('dd', 50), 'hex'), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'),
    (4, decode('0102030405060708090a0b0c0d0e0f10111213141516171819', 'hex'), decode(repeat('cd', 50), 'hex'),
     '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'),
    (6, decode(repeat('aa', 131), 'hex'), 'Test Using Larger Than Block-Size Key - Hash Key First'::bytea,
     '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'),
    (7, decode(repeat('aa', 131), 'hex'),
     'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.'::bytea,
     '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2')
) AS vector (n, key, data, code);
SELECT is(hmac_sha256(NULL, 'key'), NULL, 'of NULL, NULL');
SELECT is(octet_length(hmac_sha256('', '')), 32, 'nothing under an empty key has a code too');

-- python3 -c "import hmac; print(hmac.new(b'KEY', 'IDENTITY'.encode(), 'sha256').hexdigest())"
SELECT is(pseudonym('0101701234', 'a secret of 32 bytes, or longer.'), '95e2ab513cee7ab23305d4e53dce8276dce1d061a17833c3345f940fca2966fa', 'as Python has it');
SELECT is(pseudonym('Zoë Müller 1970-01-01', 'a secret of 32 bytes, or longer.'), 'b52213a29d3c89a709b874a595c21b4376eb484ac3ef50fba00eda383fdf703e', 'beyond ASCII, in UTF-8');
SELECT is(pseudonym('x', repeat('long', 50)), 'd2b8fa7c15ed6c62b52cca63b32df61f192f583f29c773ab5a88624eed000d95', 'with a secret longer than a block');
SELECT is(pseudonym(repeat('y', 1000000), 'ünïcödé secret'), '76ac4f8d364c9a40f442c5b2cd84024f11582467333cf32508adb5865407b371', 'of a long identity, under a secret beyond ASCII');

SELECT is(pseudonym(E' \t0101701234\r\n', 'a secret of 32 bytes, or longer.'), pseudonym('0101701234', 'a secret of 32 bytes, or longer.'),
          'white space around it is not part of it');
SELECT isnt(pseudonym('a b', 'a secret of 32 bytes, or longer.'), pseudonym('ab', 'a secret of 32 bytes, or longer.'), 'white space within is');
SELECT isnt(pseudonym('a', 'a secret of 32 bytes, or longer.'), pseudonym('a', 'a secret of 32 bytes, or longer!'), 'another secret, another key');
SELECT is(pseudonym(identity, 'a secret of 32 bytes, or longer.'), NULL, 'nobody has no key')
FROM (VALUES (NULL::text), (''), (E' \t\r\n ')) AS nobody (identity);
SELECT matches(pseudonym('0101701234', '0123456789abcdef'), '^[0-9a-f]{64}$', '16 bytes of secret will do');

SELECT throws_ok($$ SELECT naloxone_kpi.pseudonym('0101701234', '0123456789abcde') $$, '22023',
                 'the secret of a pseudonym must have 16 bytes or more', '15 will not');
SELECT throws_ok($$ SELECT naloxone_kpi.pseudonym('0101701234', '') $$, '22023', NULL, 'an empty secret is refused');
SELECT throws_ok($$ SELECT naloxone_kpi.pseudonym('0101701234', NULL) $$, '22023', NULL, 'and one that was not given');
SELECT throws_ok($$ SELECT naloxone_kpi.pseudonym(NULL, NULL) $$, '22023', NULL, 'even where nobody is known');
DO $$
DECLARE said text; hint text; detail text; context text;
BEGIN
    PERFORM naloxone_kpi.pseudonym('Jane Doe', 'short');
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
    PERFORM set_config('test.said', said || hint || coalesce(detail, ''), true);
END $$;
SELECT unalike(current_setting('test.said'), '%Jane%', 'the message holds neither identity nor secret');

SELECT * FROM finish();
ROLLBACK;
