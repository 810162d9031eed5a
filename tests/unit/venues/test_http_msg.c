/*
 * http_msg: encoding, parameters, header lines and their refusals, response headers.
 */
#include "http_msg.h"

#include "suites.h"

static void check_encoded(const char *in, size_t size, const char *expected)
{
    struct buf b;

    buf_init(&b, 4096);
    http_encode(&b, (struct bytes){ in, size });
    CU_ASSERT_TRUE(bytes_is(buf_view(&b), expected));
    buf_fini(&b);
}

static void encoding_leaves_only_unreserved_characters(void)
{
    static const char unreserved[] = "ABCXYZabcxyz019-._~";

    check_encoded(unreserved, sizeof unreserved - 1, unreserved);
    check_encoded("a b+c", 5, "a%20b%2Bc");
    check_encoded("2026-01-01T00:00:00.000Z", 24, "2026-01-01T00%3A00%3A00.000Z");
    check_encoded("\xc3\xa9/?&=%", 7, "%C3%A9%2F%3F%26%3D%25");
    check_encoded("\0", 1, "%00");
    for (int c = 0; c < 256; c++) {
        char in = (char)c;
        struct buf b;
        bool plain =
            c > 0 && c < 128 &&
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c) != NULL;

        buf_init(&b, 16);
        http_encode(&b, (struct bytes){ &in, 1 });
        CU_ASSERT_EQUAL(b.size, plain ? 1 : 3);
        buf_fini(&b);
    }
}

static void parameters_are_joined_by_ampersands(void)
{
    struct buf b;

    buf_init(&b, 4096);
    http_param(&b, "symbol", BYTES("PI XBT"));
    http_param_text(&b, "side", "buy");
    http_param_decimal(&b, "size", (struct decimal){ 15, 1 });
    http_param_uint(&b, "n", UINT64_MAX);
    CU_ASSERT_TRUE(
        bytes_is(buf_view(&b), "symbol=PI%20XBT&side=buy&size=1.5&n=18446744073709551615"));
    buf_fini(&b);
}

static void headers_are_lines_and_cannot_be_split(void)
{
    struct http_request r;

    http_request_init(&r);
    http_request_header(&r, "APIKey", BYTES("abc"));
    http_request_header(&r, "Accept", BYTES("application/json"));
    CU_ASSERT_TRUE(http_request_ok(&r));
    CU_ASSERT_EQUAL(r.header_count, 2);
    CU_ASSERT_TRUE(bytes_is(buf_view(&r.headers), "APIKey: abc\r\nAccept: application/json\r\n"));
    http_request_header(&r, "X", BYTES("a\r\nEvil: 1"));
    CU_ASSERT_FALSE(http_request_ok(&r));
    http_request_clear(&r);
    CU_ASSERT_TRUE(http_request_ok(&r));
    http_request_header(&r, "X", BYTES("a\nb"));
    CU_ASSERT_FALSE(http_request_ok(&r));
    http_request_clear(&r);
    http_request_header(&r, "X", BYTES("a\0b"));
    CU_ASSERT_FALSE(http_request_ok(&r));
    http_request_fini(&r);
}

static void clearing_forgets_all_but_memory(void)
{
    struct http_request r;

    http_request_init(&r);
    r.method = HTTP_PUT;
    r.timeout_ms = 5;
    buf_text(&r.target, "/x");
    buf_text(&r.body, "y");
    http_request_header(&r, "A", BYTES("b"));
    http_request_clear(&r);
    CU_ASSERT_EQUAL(r.method, HTTP_GET);
    CU_ASSERT_EQUAL(r.timeout_ms, 0);
    CU_ASSERT_EQUAL(r.target.size + r.body.size + r.headers.size, 0);
    CU_ASSERT_EQUAL(r.header_count, 0);
    http_request_fini(&r);
}

static void too_many_headers_or_too_long_a_target_fail(void)
{
    struct http_request r;

    http_request_init(&r);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++) {
        http_request_header(&r, "A", BYTES("b"));
    }
    CU_ASSERT_TRUE(http_request_ok(&r));
    http_request_header(&r, "A", BYTES("b"));
    CU_ASSERT_FALSE(http_request_ok(&r));
    http_request_clear(&r);
    for (int i = 0; i <= HTTP_PATH_MAX; i++) {
        buf_char(&r.target, 'x');
    }
    CU_ASSERT_FALSE(http_request_ok(&r));
    http_request_fini(&r);
}

static void response_headers_are_found_whatever_their_case(void)
{
    struct http_response r = { .status = 200,
                               .headers =
                                   BYTES("Content-Type: text/html\r\nrate-limit-reset:\t 7 \r\n"
                                         "Rate: 1\r\nEmpty:\r\nLast: x") };
    struct bytes value;

    CU_ASSERT_TRUE(http_response_header(&r, "content-type", &value) &&
                   bytes_is(value, "text/html"));
    CU_ASSERT_TRUE(http_response_header(&r, "Rate-Limit-Reset", &value) && bytes_is(value, "7"));
    CU_ASSERT_TRUE(http_response_header(&r, "rate", &value) && bytes_is(value, "1"));
    CU_ASSERT_TRUE(http_response_header(&r, "empty", &value) && value.size == 0);
    CU_ASSERT_TRUE(http_response_header(&r, "LAST", &value) && bytes_is(value, "x"));
    CU_ASSERT_FALSE(http_response_header(&r, "Conten", &value));
    CU_ASSERT_FALSE(http_response_header(&r, "Missing", &value));
    r.headers = (struct bytes){ NULL, 0 };
    CU_ASSERT_FALSE(http_response_header(&r, "Rate", &value));
}

static void methods_have_their_names(void)
{
    CU_ASSERT_STRING_EQUAL(http_method_text(HTTP_GET), "GET");
    CU_ASSERT_STRING_EQUAL(http_method_text(HTTP_POST), "POST");
    CU_ASSERT_STRING_EQUAL(http_method_text(HTTP_PUT), "PUT");
    CU_ASSERT_STRING_EQUAL(http_method_text(HTTP_DELETE), "DELETE");
}

CU_TestInfo http_msg_tests[] = {
    { "encoding_leaves_only_unreserved_characters", encoding_leaves_only_unreserved_characters },
    { "parameters_are_joined_by_ampersands", parameters_are_joined_by_ampersands },
    { "headers_are_lines_and_cannot_be_split", headers_are_lines_and_cannot_be_split },
    { "clearing_forgets_all_but_memory", clearing_forgets_all_but_memory },
    { "too_many_headers_or_too_long_a_target_fail", too_many_headers_or_too_long_a_target_fail },
    { "response_headers_are_found_whatever_their_case",
      response_headers_are_found_whatever_their_case },
    { "methods_have_their_names", methods_have_their_names },
    CU_TEST_INFO_NULL,
};
