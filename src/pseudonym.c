/*
 * pseudonym.c
 *		Pseudonyms of people: HMAC-SHA-256 (RFC 2104, FIPS 198-1) of an identity, by the server's own implementation.
 *
 * A plain hash of a name or number can be undone by hashing every name and number; this one cannot, without the secret.
 * Neither the identity nor the secret is ever in a message.
 */
#include "postgres.h"

#include "common/hmac.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "compat.h"

/* NIST SP 800-107: a key of 112 bits at the least; 16 bytes are 128. */
#define SHORTEST_SECRET		16

PG_FUNCTION_INFO_V1(nkpi_hmac_sha256);
PG_FUNCTION_INFO_V1(nkpi_pseudonym);

/* The code of data under a key: PG_SHA256_DIGEST_LENGTH bytes. */
static void
hmac_sha256(const uint8 *data, size_t data_length, const uint8 *key, size_t key_length, uint8 *code)
{
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	if (context == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (pg_hmac_init(context, key, key_length) < 0 ||
		pg_hmac_update(context, data, data_length) < 0 ||
		pg_hmac_final(context, code, PG_SHA256_DIGEST_LENGTH) < 0)
	{
		pg_hmac_free(context);
		elog(ERROR, "HMAC-SHA-256 is not available");
	}
	pg_hmac_free(context);
}

/* hmac_sha256(data bytea, key bytea): 32 bytes. */
Datum
nkpi_hmac_sha256(PG_FUNCTION_ARGS)
{
	bytea	   *data = PG_GETARG_BYTEA_PP(0);
	bytea	   *key = PG_GETARG_BYTEA_PP(1);
	bytea	   *code = (bytea *) palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);

	SET_VARSIZE(code, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	hmac_sha256((const uint8 *) VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data),
				(const uint8 *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key), (uint8 *) VARDATA(code));
	PG_RETURN_BYTEA_P(code);
}

/*
 * pseudonym(identity text, secret text): 64 hexadecimal digits, the same whatever the database's encoding. White space around
 * an identity is not part of it. NULL for an identity that is NULL or blank: else all whom nobody knows would be one person.
 */
Datum
nkpi_pseudonym(PG_FUNCTION_ARGS)
{
	static const char digits[] = "0123456789abcdef";
	text	   *secret = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);
	text	   *identity;
	char	   *start;
	char	   *utf8;
	char	   *utf8_secret;
	int			length;
	uint8		code[PG_SHA256_DIGEST_LENGTH];
	char		hex[2 * PG_SHA256_DIGEST_LENGTH];

	/* Before the identity: a load of whom none is known must fail too, lest the next one be loaded with the same mistake. */
	if (secret == NULL || VARSIZE_ANY_EXHDR(secret) < SHORTEST_SECRET)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the secret of a pseudonym must have %d bytes or more", SHORTEST_SECRET),
				 errhint("Take 32 random bytes, such as those of openssl rand -hex 32, and keep them outside the database.")));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();

	identity = PG_GETARG_TEXT_PP(0);
	start = VARDATA_ANY(identity);
	length = VARSIZE_ANY_EXHDR(identity);
	while (length > 0 && strchr(" \t\r\n", start[length - 1]) != NULL)
		length--;
	while (length > 0 && strchr(" \t\r\n", *start) != NULL)
	{
		start++;
		length--;
	}
	if (length == 0)
		PG_RETURN_NULL();

	/* These give back what they were given where there is nothing to convert. */
	start = pnstrdup(start, length);
	utf8 = pg_server_to_any(start, length, PG_UTF8);
	utf8_secret = text_to_cstring(secret);
	utf8_secret = pg_server_to_any(utf8_secret, strlen(utf8_secret), PG_UTF8);
	hmac_sha256((const uint8 *) utf8, strlen(utf8), (const uint8 *) utf8_secret, strlen(utf8_secret), code);

	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
	{
		hex[2 * i] = digits[code[i] >> 4];
		hex[2 * i + 1] = digits[code[i] & 15];
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(hex, sizeof(hex)));
}
