/*
 * A FIX message as it may be shown: secrets masked, unprintable bytes escaped, one line.
 */
#ifndef DAEMON_MESSAGE_MASK_H
#define DAEMON_MESSAGE_MASK_H

#include "base.h"
#include "buf.h"

/* Appends `raw` to `out` with `separator` in place of SOH. The values of Password (554),
 * NewPassword (925) and RawData (96, where proofs of a Logon are) become ***. Bytes that are no
 * whole message are only counted: nobody can tell where a secret begins in them. */
void message_mask(struct buf *out, struct bytes raw, char separator);

#endif
