/*-------------------------------------------------------------------------
 *
 * request_codec.h
 *		Requests and answers as bytes, to travel between processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REQUEST_CODEC_H
#define SEATLOCK_REQUEST_CODEC_H

#include "lib/stringinfo.h"

#include "base/claim_request.h"
#include "base/claim_result.h"

/* the most that an answer takes beside its labels, see claim_answer_size */
#define SL_ANSWER_OVERHEAD 128

extern void sl_request_codec_pack_request(StringInfo bytes, const ClaimRequest *request);
extern void sl_request_codec_pack_result(StringInfo bytes, const ClaimResult *result);

/* This one leaves texts out where room is too small. */
extern void sl_request_codec_pack_error(StringInfo bytes, Size room, const ErrorData *error);

/* What they return is palloc'd. */
extern ClaimRequest *sl_request_codec_unpack_request(const char *data, Size size);
extern ClaimResult *sl_request_codec_unpack_result(const char *data,
												   Size size); /* raises a packed error */

#endif /* SEATLOCK_REQUEST_CODEC_H */
