/*
 * A parsed reply as text, one line a thing, only what was said: for comparing in tests.
 *
 *   refused reason=limit code=insufficientAvailableFunds server=2026-11-20T10:00:00.124000Z
 *   order client=FIX-0001 venue=5a8f symbol=PI_XBTUSD side=buy status=open qty=10 filled=4
 * price=9400.5 ... fill exec=0b6e client=FIX-0001 symbol=PI_XBTUSD side=buy qty=4 price=9400
 * liquidity=taker time=... instrument ... / position ... list complete cursor=... setting=...
 * fires=...
 */
#ifndef TESTS_VENUES_REPLY_TEXT_H
#define TESTS_VENUES_REPLY_TEXT_H

#include "venue.h"

void reply_text(struct buf *out, enum venue_outcome outcome, const struct venue_reply *reply);

#endif
