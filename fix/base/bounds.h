/*
 * Every bound of the service, each with its reason, and the relations between them.
 */
#ifndef FIX_BASE_BOUNDS_H
#define FIX_BASE_BOUNDS_H

/* One FIX message, header to checksum. Rules of engagement 3.1: 64 KiB by default. */
#define FIX_MESSAGE_MAX (64 * 1024)
/* Fields of one message. A typical order has 20; NewOrderList (E) with 50 orders about 1,000. */
#define FIX_FIELDS_MAX 2048
/* Highest tag number understood; FIX 4.4's own end at 956, ours and other venues' below 40,000. */
#define FIX_TAG_MAX 65535
/* CompID, SubID and friends as this service accepts them. */
#define FIX_ID_MAX 64
/* Messages kept that arrived beyond a gap; more are dropped and asked for again. */
#define FIX_EARLY_MAX 1024
#define FIX_EARLY_BYTES_MAX (1024 * 1024)
/* Messages of one chunk of a resend (RoE 3.2: at most 1000), which is made in one go, some 20 us:
 * the grain in which a shell can give time to resends. */
#define FIX_RESEND_CHUNK 16
/* Output a session may hold unsent before it counts as a slow consumer. */
#define FIX_OUTPUT_MAX (8 * 1024 * 1024)
/* A resend stops producing above this and goes on when the output has drained below it. A client
 * that reads again gets that much in one write, while others wait. */
#define FIX_OUTPUT_LOW (64 * 1024)

/* ClOrdID: RoE 3.3 says 36, up to 64 by setting. */
#define CL_ORD_ID_MAX 64
/* Orders of one NewOrderList: a ListStatus of all of them fits one message, and their fields fit
 * FIX_FIELDS_MAX. */
#define LIST_ORDERS_MAX 100
/* Text (58) we store and echo, and texts we make. */
#define TEXT_MAX 128
/* Venue symbols seen are at most 25 characters (FI_XBTUSD_261225 and Bybit's dated ones). */
#define SYMBOL_MAX 48
/* Venue order ids are UUIDs or decimal numbers. */
#define VENUE_ID_MAX 64
/* Client order ids sent to venues: Bybit's 36 is the smallest limit of those that have one. */
#define VENUE_CLIENT_ID_MAX 36
/* Names of accounts, sessions and venues in the configuration. */
#define NAME_MAX_LEN 48

/* Orders of another hand, of one account, that are told to drop copies and rest. */
#define FOREIGN_MAX 1000
/* Trades of one answer to AD: some 500 bytes each, told in one turn. */
#define TRADES_ANSWER_MAX 5000

#define SESSIONS_MAX 4096
/* Numbers of names in journal records: the sessions, and those that left the configuration. */
#define RECORD_NUMBERS_MAX (4 * SESSIONS_MAX)
#define ACCOUNTS_MAX 64

/* HTTP: a request we build; a response we read (instrument lists run to megabytes). */
#define HTTP_HEADERS_MAX 24
#define HTTP_PATH_MAX (16 * 1024)
#define HTTP_REQUEST_BODY_MAX (64 * 1024)
#define HTTP_RESPONSE_BODY_MAX (16 * 1024 * 1024)
#define HTTP_RESPONSE_HEAD_MAX (32 * 1024)

/* One journal record and one batch (everything a turn decided). */
#define JOURNAL_RECORD_MAX (128 * 1024)
#define JOURNAL_BATCH_MAX (64 * 1024 * 1024)

_Static_assert(FIX_MESSAGE_MAX + 1024 <= JOURNAL_RECORD_MAX, "a FIX message fits one record");
_Static_assert(FIX_MESSAGE_MAX <= FIX_OUTPUT_LOW, "one message never exceeds the low-water mark");
_Static_assert(FIX_OUTPUT_LOW < FIX_OUTPUT_MAX, "low before high");
_Static_assert(FIX_FIELDS_MAX <= 65535, "field indexes are 16 bits wide");

#endif
