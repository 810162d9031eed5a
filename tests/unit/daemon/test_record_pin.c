/*
 * The encoding of records belongs to the journal's format version: a journal of another encoding
 * must be refused as "another version", never as damaged.
 */
#include "journal_format.h"
#include "record.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

#include "suites.h"

/* When this fails: an encoding has changed (a member was added to a record, or its size). Raise
 * JOURNAL_FORMAT_VERSION, tell so in README's part on upgrades, and put the new figures here. */
#define PINNED_VERSION 3

static const struct {
    enum record_kind kind;
    size_t size; /* of a record whose members are all zero */
} pinned[] = {
    { RECORD_START, 25 },         { RECORD_NAME, 16 },        { RECORD_ORDER, 98 },
    { RECORD_EVENT, 37 },         { RECORD_FILL, 75 },        { RECORD_REQUEST, 38 },
    { RECORD_REQUEST_STATE, 34 }, { RECORD_REQUEST_END, 26 }, { RECORD_MASS, 33 },
    { RECORD_MASS_END, 17 },      { RECORD_SESSION, 19 },     { RECORD_SETTING, 18 },
    { RECORD_LIST_END, 17 },      { RECORD_CORRECT, 79 },     { RECORD_DEADMAN, 21 },
    { RECORD_FOREIGN, 57 },       { RECORD_COUNTERS, 41 },    { RECORD_KEPT_ORDER, 247 },
    { RECORD_KEPT_NAME, 20 },     { RECORD_KEPT_FILL, 91 },   { RECORD_KEPT_MASS, 25 },
    { RECORD_DECISION, 20 },
};

static void encoding_belongs_to_the_version(void)
{
    CU_ASSERT_EQUAL(JOURNAL_FORMAT_VERSION, PINNED_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(pinned); i++) {
        struct record r;
        struct buf b;

        memset(&r, 0, sizeof r);
        r.kind = pinned[i].kind;
        buf_init(&b, 64 * 1024);
        record_encode(&r, &b);
        if (b.size != pinned[i].size) {
            (void)printf("\n    record kind %d is %zu bytes, was %zu", (int)r.kind, b.size,
                         pinned[i].size);
        }
        CU_ASSERT_EQUAL(b.size, pinned[i].size);
        buf_fini(&b);
    }
}

CU_TestInfo record_pin_tests[] = {
    { "an encoding belongs to the journal's format version", encoding_belongs_to_the_version },
    CU_TEST_INFO_NULL,
};
