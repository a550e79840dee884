/*-------------------------------------------------------------------------
 *
 * redis_tls.c
 *		TLS on a socket that does not block.
 *
 * The only file that knows OpenSSL.  hiredis has TLS from 1.0 on, over sockets
 * of its own, and does not look whether a certificate is the host's; here the
 * certificate must be the host's, and be signed by somebody whom this machine
 * trusts, or the one in seatlock.redis_ca_file.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "redis/redis_tls.h"

#define ERROR_LENGTH 200

struct RedisTls
{
	SSL_CTX *context;
	SSL *ssl;
	char error[ERROR_LENGTH]; /* "": none */
};

/* Keep why something failed: the certificate, or what OpenSSL or the system say. */
static void
note_failure(RedisTls *tls, const char *what)
{
	long verified = tls->ssl != NULL ? SSL_get_verify_result(tls->ssl) : X509_V_OK;
	unsigned long code = ERR_get_error();
	const char *reason = ERR_GET_LIB(code) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(code))
														  : ERR_reason_error_string(code);

	if (verified != X509_V_OK)
		snprintf(tls->error, sizeof(tls->error), "the certificate is not trusted: %s",
				 X509_verify_cert_error_string(verified));
	else if (reason != NULL)
		snprintf(tls->error, sizeof(tls->error), "%s: %s", what, reason);
	else
		strlcpy(tls->error, what, sizeof(tls->error));
	ERR_clear_error();
}

static bool
trust(RedisTls *tls, const char *ca_file)
{
	if (ca_file[0] == '\0')
		return SSL_CTX_set_default_verify_paths(tls->context) == 1;
	return SSL_CTX_load_verify_locations(tls->context, ca_file, NULL) == 1;
}

/* The certificate must be for this host, which may be an address. */
static bool
expect_host(RedisTls *tls, const char *host)
{
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), host) == 1)
		return true;
	return SSL_set1_host(tls->ssl, host) == 1 && SSL_set_tlsext_host_name(tls->ssl, host) == 1;
}

/* Begin TLS on a connected socket; sl_redis_tls_error tells whether it can be gone on with. */
RedisTls *
sl_redis_tls_open(int fd, const char *host, const char *ca_file)
{
	RedisTls *tls = palloc0(sizeof(RedisTls));

	ERR_clear_error();
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context == NULL)
		note_failure(tls, "could not begin TLS");
	else if (!trust(tls, ca_file))
		note_failure(tls, "could not read the certificates to trust");
	else
	{
		(void) SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
		/* what is left of a buffer is sent later, from wherever it is then */
		SSL_CTX_set_mode(tls->context,
						 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		tls->ssl = SSL_new(tls->context);
		if (tls->ssl == NULL || !expect_host(tls, host) || SSL_set_fd(tls->ssl, fd) != 1)
			note_failure(tls, "could not begin TLS");
	}
	return tls;
}

void
sl_redis_tls_close(RedisTls *tls)
{
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	pfree(tls);
}

static TlsProgress
progress(RedisTls *tls, int result, const char *what)
{
	if (result > 0)
		return TLS_DONE;
	switch (SSL_get_error(tls->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			return TLS_WANTS_READ;
		case SSL_ERROR_WANT_WRITE:
			return TLS_WANTS_WRITE;
		case SSL_ERROR_ZERO_RETURN:
			strlcpy(tls->error, "Redis closed the connection", sizeof(tls->error));
			return TLS_FAILED;
		default:
			note_failure(tls, what);
			return TLS_FAILED;
	}
}

TlsProgress
sl_redis_tls_shake_hands(RedisTls *tls)
{
	ERR_clear_error();
	return progress(tls, SSL_connect(tls->ssl), "no handshake");
}

TlsProgress
sl_redis_tls_send(RedisTls *tls, const char *bytes, Size size, Size *sent)
{
	ERR_clear_error();
	return progress(tls, SSL_write_ex(tls->ssl, bytes, size, sent), "could not write to Redis");
}

TlsProgress
sl_redis_tls_receive(RedisTls *tls, char *bytes, Size size, Size *received)
{
	ERR_clear_error();
	return progress(tls, SSL_read_ex(tls->ssl, bytes, size, received), "could not read from Redis");
}

/* NULL: nothing went wrong. */
const char *
sl_redis_tls_error(const RedisTls *tls)
{
	return tls->error[0] == '\0' ? NULL : tls->error;
}
