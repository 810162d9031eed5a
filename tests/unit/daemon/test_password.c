/*
 * password: scrypt against RFC 7914, and what is not taken for a hash; the worker that checks them.
 */
#include "password.h"

#include <pthread.h>

#include "logon_worker.h"
#include "suites.h"

/* RFC 7914 section 12, the third vector, in the PHC form. */
static const char vector[] = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/"
                             "2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwU"
                             "kKpr55h6F3A1lHkDfzwF7RVdYhw";

static void the_rfc_vector_holds(void)
{
    struct password_hash h;

    CU_ASSERT_TRUE_FATAL(password_hash_parse(bytes_of(vector), &h));
    CU_ASSERT_EQUAL(h.log_n, 14);
    CU_ASSERT_EQUAL(h.salt_size, 14);
    CU_ASSERT_EQUAL(h.hash_size, 64);
    CU_ASSERT_TRUE(password_hash_check(&h, BYTES("pleaseletmein")));
    CU_ASSERT_FALSE(password_hash_check(&h, BYTES("pleaseletmeIn")));
    CU_ASSERT_FALSE(password_hash_check(&h, BYTES("")));
}

static void what_is_made_is_taken(void)
{
    static const unsigned char salt[PASSWORD_SALT_SIZE] = { 1, 2, 3, 0xff };
    struct password_hash h;
    struct buf text;

    buf_init(&text, 1024);
    CU_ASSERT_TRUE_FATAL(password_hash_make(BYTES("s3cret"), salt, &text));
    CU_ASSERT_TRUE_FATAL(password_hash_parse(buf_view(&text), &h));
    CU_ASSERT_EQUAL(memcmp(h.salt, salt, sizeof salt), 0);
    CU_ASSERT_TRUE(password_hash_check(&h, BYTES("s3cret")));
    CU_ASSERT_FALSE(password_hash_check(&h, BYTES("s3cret ")));
    CU_ASSERT_PTR_NULL(memmem(text.data, text.size, "s3cret", 6));
    buf_fini(&text);
}

static void every_prefix_and_what_is_not_a_hash_are_refused(void)
{
    static const char *const wrong[] = {
        "",
        "secret",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$scrypt$ln=9,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A",
        "$scrypt$ln=19,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A",
        "$scrypt$ln=14,r=0,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A",
        "$scrypt$ln=14,r=8,p=0$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A",
        "$scrypt$ln=14,r=8,p=1$U29k$cCO9yzr9c0hGHAbNgf046A",
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9",
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A$",
        "$scrypt$ln=14,r=8,p=1$U29kaXVt!2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046A",
    };
    struct password_hash h;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CU_ASSERT_FALSE(password_hash_parse(bytes_of(wrong[i]), &h));
    }
    for (size_t size = 0; size < sizeof "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$" + 20; size++) {
        CU_ASSERT_FALSE(password_hash_parse((struct bytes){ vector, size }, &h));
    }
}

/* ---- the worker ---------------------------------------------------------------------------- */

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    unsigned count;
};

static void ring(void *arg)
{
    struct bell *b = arg;

    (void)pthread_mutex_lock(&b->lock);
    b->count++;
    (void)pthread_cond_signal(&b->rung);
    (void)pthread_mutex_unlock(&b->lock);
}

static void wait_for(struct bell *b, unsigned count)
{
    (void)pthread_mutex_lock(&b->lock);
    while (b->count < count) {
        (void)pthread_cond_wait(&b->rung, &b->lock);
    }
    (void)pthread_mutex_unlock(&b->lock);
}

static struct logon_job job_of(void *owner, uint32_t serial, const char *password,
                               bool user_is_right)
{
    struct logon_job job = { .owner = owner, .serial = serial, .user_is_right = user_is_right };

    CU_ASSERT_TRUE_FATAL(password_hash_parse(bytes_of(vector), &job.hash));
    job.size = strlen(password);
    memcpy(job.password, password, job.size);
    return job;
}

static void worker_answers_each_job_in_order(void)
{
    struct bell bell = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
    struct logon_worker *w = logon_worker_new(ring, &bell);
    int owner[3];
    struct logon_job jobs[] = { job_of(&owner[0], 1, "pleaseletmein", true),
                                job_of(&owner[1], 2, "wrong", true),
                                job_of(&owner[2], 3, "pleaseletmein", false) };
    struct logon_job done;

    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        CU_ASSERT_TRUE(logon_worker_put(w, &jobs[i]));
    }
    wait_for(&bell, 3);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        CU_ASSERT_TRUE_FATAL(logon_worker_take(w, &done));
        CU_ASSERT_PTR_EQUAL(done.owner, &owner[i]);
        CU_ASSERT_EQUAL(done.serial, i + 1);
        CU_ASSERT_EQUAL(done.good, i == 0);
    }
    CU_ASSERT_FALSE(logon_worker_take(w, &done));
    logon_worker_free(w);
}

/* The first job keeps the thread busy, the second has not begun. */
static void worker_drops_what_is_cancelled(void)
{
    struct bell bell = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
    struct logon_worker *w = logon_worker_new(ring, &bell);
    int owner[3];
    struct logon_job done;

    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    for (uint32_t i = 0; i < 3; i++) {
        struct logon_job job = job_of(&owner[i], i, "pleaseletmein", true);

        CU_ASSERT_TRUE(logon_worker_put(w, &job));
    }
    logon_worker_cancel(w, &owner[2], 7); /* another logon of it: stays */
    logon_worker_cancel(w, &owner[1], 1);
    wait_for(&bell, 2);
    CU_ASSERT_TRUE(logon_worker_take(w, &done));
    CU_ASSERT_PTR_EQUAL(done.owner, &owner[0]);
    CU_ASSERT_TRUE(logon_worker_take(w, &done));
    CU_ASSERT_PTR_EQUAL(done.owner, &owner[2]);
    CU_ASSERT_FALSE(logon_worker_take(w, &done));
    logon_worker_free(w);
}

CU_TestInfo password_tests[] = {
    { "the RFC's vector holds", the_rfc_vector_holds },
    { "what is made is taken", what_is_made_is_taken },
    { "every prefix and what is not a hash are refused",
      every_prefix_and_what_is_not_a_hash_are_refused },
    { "worker answers each job in order", worker_answers_each_job_in_order },
    { "worker drops what is cancelled", worker_drops_what_is_cancelled },
    CU_TEST_INFO_NULL,
};
