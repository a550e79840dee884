/*-------------------------------------------------------------------------
 *
 * redis_tls.h
 *		TLS on a socket that does not block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_TLS_H
#define SEATLOCK_REDIS_TLS_H

#include "redis_api.h"

typedef struct RedisTls RedisTls;

typedef enum TlsProgress
{
	TLS_DONE,
	TLS_WANTS_READ, /* go on once the socket is readable */
	TLS_WANTS_WRITE,
	TLS_FAILED /* sl_redis_tls_error says why */
} TlsProgress;

extern RedisTls *sl_redis_tls_open(int fd, const char *host, const char *ca_file);
extern void sl_redis_tls_close(RedisTls *tls);
extern TlsProgress sl_redis_tls_shake_hands(RedisTls *tls);
extern TlsProgress sl_redis_tls_send(RedisTls *tls, const char *bytes, Size size, Size *sent);
extern TlsProgress sl_redis_tls_receive(RedisTls *tls, char *bytes, Size size, Size *received);
extern const char *sl_redis_tls_error(const RedisTls *tls);

#endif /* SEATLOCK_REDIS_TLS_H */
