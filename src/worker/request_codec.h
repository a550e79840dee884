/*-------------------------------------------------------------------------
 *
 * request_codec.h
 *		Requests and answers as bytes, to travel between processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REQUEST_CODEC_H
#define SEATLOCK_REQUEST_CODEC_H

#include "verbs/claim.h"

/* what an answer takes beside its labels, see claim_answer_size */
#define SL_PARCEL_OVERHEAD (2 * sizeof(int32) + sizeof(ClaimResult))

/* Each returns the size, or 0 when room is too small. */
extern Size sl_request_codec_pack_request(char *data, Size room, const ClaimRequest *request);
extern Size sl_request_codec_pack_result(char *data, Size room, const ClaimResult *result);

/* This one cuts its texts where room is too small. */
extern Size sl_request_codec_pack_error(char *data, Size room, const ErrorData *error);

/* What they return is palloc'd. */
extern ClaimRequest *sl_request_codec_unpack_request(const char *data);
extern ClaimResult *sl_request_codec_unpack_result(const char *data); /* raises a packed error */

#endif /* SEATLOCK_REQUEST_CODEC_H */
