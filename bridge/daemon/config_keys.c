/*
 * Every key there is: the reader, the check, the help and the reference all come from this table.
 */
#include "config_keys.h"

#define F(field) offsetof(struct config_fixbridge, field)
#define A(field) offsetof(struct config_account, field)
#define S(field) offsetof(struct config_session, field)

#define MS INT64_C(1)
#define SEC (1000 * MS)
#define MIN (60 * SEC)
#define HOUR (60 * MIN)

static const char *const mismatch_words[] = { "block", "warn", NULL };
static const char *const durability_words[] = { "sync", "written", "memory", NULL };
static const char *const writer_words[] = { "auto", "thread", NULL };
static const char *const level_words[] = { "debug", "info", "warn", "error", NULL };
static const char *const format_words[] = { "text", "json", NULL };
static const char *const auth_words[] = {
    "password", "none", "hmac-sha256", "ed25519", NULL,
};
static const char *const client_words[] = { "no", "optional", "required", NULL };
static const char *const separator_words[] = { "pipe", "soh", NULL };
static const char *const deadman_words[] = { "auto", "off", "on", NULL };
static const char *const down_words[] = { "wait", "reject", NULL };
static const char *const disconnect_words[] = { "no", "yes", "account", NULL };
static const char *const precision_words[] = {
    "milliseconds",
    "microseconds",
    "nanoseconds",
    NULL,
};

const struct config_key config_keys[] = {
    { CONFIG_FIXBRIDGE, "listen", CONFIG_HOST_PORT, F(listen), "127.0.0.1:9878", 0, 0, NULL, NULL,
      0,
      "Where FIX clients connect without TLS. Port 0 takes a free one; the log and --port-file "
      "tell "
      "which. off: nowhere, which is also the default when tls_listen is given." },
    { CONFIG_FIXBRIDGE, "tls_listen", CONFIG_HOST_PORT, F(tls_listen), "off", 0, 0, NULL, NULL, 0,
      "Where FIX clients connect with TLS 1.2 or 1.3." },
    { CONFIG_FIXBRIDGE, "tls_certificate", CONFIG_FILE, F(tls_certificate), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "Our certificate and its chain, PEM. Read again on SIGHUP, as are key and CA." },
    { CONFIG_FIXBRIDGE, "tls_key", CONFIG_SECRET_FILE, F(tls_key), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "Its private key, PEM, not encrypted." },
    { CONFIG_FIXBRIDGE, "tls_ca", CONFIG_FILE, F(tls_ca), NULL, 0, 0, NULL, NULL, CONFIG_RELOADABLE,
      "Certificates that clients' certificates are checked against, PEM." },
    { CONFIG_FIXBRIDGE, "tls_client_certificate", CONFIG_ENUM, F(tls_client_certificate), "no", 0,
      0, NULL, client_words, 0,
      "no: not asked for. optional: checked if the client has one. required: no connection "
      "without." },
    { CONFIG_FIXBRIDGE, "tls_ciphers", CONFIG_TEXT, F(tls_ciphers), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "Cipher list of TLS 1.2 as OpenSSL writes it; OpenSSL's own when absent." },
    { CONFIG_FIXBRIDGE, "tls_ciphersuites", CONFIG_TEXT, F(tls_ciphersuites), NULL, 0, 0, NULL,
      NULL, CONFIG_RELOADABLE, "The same of TLS 1.3." },
    { CONFIG_FIXBRIDGE, "tls_handshake_timeout", CONFIG_DURATION, F(tls_handshake_timeout), "5s",
      100 * MS, 5 * MIN, NULL, NULL, CONFIG_RELOADABLE,
      "A connection whose PROXY header and TLS handshake are not complete by then is closed." },
    { CONFIG_FIXBRIDGE, "plain_passwords", CONFIG_BOOL, F(plain_passwords), "no", 0, 0, NULL, NULL,
      0,
      "Allow auth = password where anybody on the way can read it: without TLS and not on "
      "loopback." },
    { CONFIG_FIXBRIDGE, "proxy_from", CONFIG_IP_LIST, F(proxy_from), NULL, 0, 0, NULL, NULL, 0,
      "Balancers, as addresses or networks: their connections begin with a PROXY protocol header "
      "(version 1 or 2), and the client's address in it counts. Nobody else's header is "
      "believed." },
    { CONFIG_FIXBRIDGE, "address_connections_max", CONFIG_INT, F(address_connections_max), "0", 0,
      65536, "connections", NULL, CONFIG_RELOADABLE,
      "Connections of one address (IPv6: one /64); 0: only connections_max counts." },
    { CONFIG_FIXBRIDGE, "address_unauthenticated_max", CONFIG_INT, F(address_unauthenticated_max),
      "64", 0, 65536, "connections", NULL, CONFIG_RELOADABLE,
      "Connections of one address that have not logged on yet; 0: only unauthenticated_max "
      "counts." },
    { CONFIG_FIXBRIDGE, "address_rate_max", CONFIG_INT, F(address_rate_max), "6000", 0, 1000000,
      "a minute", NULL, CONFIG_RELOADABLE,
      "New connections of one address in a minute; 0: no limit." },
    { CONFIG_FIXBRIDGE, "journal_dir", CONFIG_DIRECTORY, F(journal_dir), NULL, 0, 0, NULL, NULL,
      CONFIG_REQUIRED,
      "Directory of the journal: orders, sequence numbers, sent messages. Made when missing." },
    { CONFIG_FIXBRIDGE, "durability", CONFIG_ENUM, F(durability), "sync", 0, 0, NULL,
      durability_words, 0,
      "sync: nothing leaves before fdatasync. written: survives a crash of the process, not of the "
      "host. memory: nothing is kept, for tests." },
    { CONFIG_FIXBRIDGE, "journal_writer", CONFIG_ENUM, F(journal_writer), "auto", 0, 0, NULL,
      writer_words, 0,
      "auto: little (up to 8 KiB in durability sync, when the last sync took at most 2 ms) is "
      "written and synced by the event loop itself, which saves two thread switches; more, and "
      "with thread always, by a thread of its own, and the loop never waits for the disk." },
    { CONFIG_FIXBRIDGE, "memory_warm", CONFIG_INT, F(memory_warm_mib), "64", 0, 1024, "MiB", NULL,
      0,
      "Memory made ready at the start and kept ready, with all of the history, so that an order "
      "takes no page fault; 0: none." },
    { CONFIG_FIXBRIDGE, "busy_poll", CONFIG_INT, F(busy_poll_us), "0", 0, 1000000, "us", NULL, 0,
      "How long the event loop goes on looking at its sockets before it sleeps: less latency for a "
      "processor that is used up meanwhile; only where it has one to itself (taskset, or "
      "CPUAffinity= of systemd)." },
    { CONFIG_FIXBRIDGE, "journal_segment", CONFIG_INT, F(segment_mib), "256", 1, 2048, "MiB", NULL,
      0, "Size at which the journal goes on in a new file." },
    { CONFIG_FIXBRIDGE, "journal_free_min", CONFIG_INT, F(free_min_mib), "64", 0, 1048576, "MiB",
      NULL, 0, "Space of the file system the journal leaves free." },
    { CONFIG_FIXBRIDGE, "compact_at", CONFIG_INT, F(compact_at_mib), "1024", 0, 1048576, "MiB",
      NULL, CONFIG_RELOADABLE,
      "The journal is compacted when it has grown by so much since; 0: not for its size." },
    { CONFIG_FIXBRIDGE, "compact_every", CONFIG_DURATION, F(compact_every), "24h", 0,
      31 * 24 * HOUR, NULL, NULL, CONFIG_RELOADABLE,
      "And when it was not for so long; 0: not for its age." },
    { CONFIG_FIXBRIDGE, "retain_orders", CONFIG_AGE, F(retain_orders_s), "720h", 0, 87600, NULL,
      NULL, 0,
      "Orders that ended longer ago are forgotten, with their ClOrdIDs and fills; 0: never." },
    { CONFIG_FIXBRIDGE, "retain_messages", CONFIG_AGE, F(retain_messages_s), "168h", 0, 87600, NULL,
      NULL, CONFIG_RELOADABLE,
      "Sent messages older than that may go when the journal is compacted; a resend of them is "
      "answered by a gap fill. 0: all that are in full segments go." },
    { CONFIG_FIXBRIDGE, "dictionary", CONFIG_FILE, F(dictionary), NULL, 0, 0, NULL, NULL,
      CONFIG_REQUIRED,
      "FIX 4.4 dictionary in QuickFIX's XML format, for sessions without one of their own." },
    { CONFIG_FIXBRIDGE, "log_level", CONFIG_ENUM, F(log_level), "info", 0, 0, NULL, level_words,
      CONFIG_RELOADABLE, "Least important lines that are written." },
    { CONFIG_FIXBRIDGE, "log_format", CONFIG_ENUM, F(log_format), "text", 0, 0, NULL, format_words,
      CONFIG_RELOADABLE, "text: ts level event key=value. json: one object a line." },
    { CONFIG_FIXBRIDGE, "log_file", CONFIG_LOG_FILE, F(log_file), "none", 0, 0, NULL, NULL, 0,
      "File that takes the log's lines. none: they go to stderr, where journald or a container "
      "runtime takes them." },
    { CONFIG_FIXBRIDGE, "log_file_size", CONFIG_INT, F(log_file_size_mib), "64", 1, 65536, "MiB",
      NULL, 0, "Size at which FILE becomes FILE.1, FILE.1 becomes FILE.2, and so on." },
    { CONFIG_FIXBRIDGE, "log_file_age", CONFIG_DURATION, F(log_file_age), "24h", 0, 31 * 24 * HOUR,
      NULL, NULL, 0, "Age at which the same happens; 0: never for its age." },
    { CONFIG_FIXBRIDGE, "log_file_keep", CONFIG_INT, F(log_file_keep), "10", 0, 1000, "files", NULL,
      0, "How many of FILE.1, FILE.2, ... are kept." },
    { CONFIG_FIXBRIDGE, "log_rest", CONFIG_BOOL, F(log_rest), "no", 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "One line for each call to a venue, without keys and signatures." },
    { CONFIG_FIXBRIDGE, "log_fix", CONFIG_BOOL, F(log_fix), "no", 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "One line for each FIX application message received, with its type and number." },
    { CONFIG_FIXBRIDGE, "log_messages", CONFIG_LOG_FILE, F(log_messages), NULL, 0, 0, NULL, NULL, 0,
      "File that takes every FIX message in and out as it was, one a line, with time, session and "
      "direction; passwords and signatures masked. none, and the default: no such file." },
    { CONFIG_FIXBRIDGE, "log_messages_size", CONFIG_INT, F(log_messages_size_mib), "256", 1, 65536,
      "MiB", NULL, 0, "Size at which FILE becomes FILE.1, FILE.1 becomes FILE.2, and so on." },
    { CONFIG_FIXBRIDGE, "log_messages_age", CONFIG_DURATION, F(log_messages_age), "24h", 0,
      31 * 24 * HOUR, NULL, NULL, 0, "Age at which the same happens; 0: never for its age." },
    { CONFIG_FIXBRIDGE, "log_messages_keep", CONFIG_INT, F(log_messages_keep), "10", 0, 1000,
      "files", NULL, 0, "How many of FILE.1, FILE.2, ... are kept." },
    { CONFIG_FIXBRIDGE, "log_messages_separator", CONFIG_ENUM, F(log_messages_separator), "pipe", 0,
      0, NULL, separator_words, 0,
      "What stands between fields there. pipe: |, for people. soh: as on the wire." },
    { CONFIG_FIXBRIDGE, "connections_max", CONFIG_INT, F(connections_max), "1200", 1, 65536,
      "connections", NULL, 0, "Connections open at once; further ones are closed at once." },
    { CONFIG_FIXBRIDGE, "unauthenticated_max", CONFIG_INT, F(unauthenticated_max), "128", 1, 65536,
      "connections", NULL, CONFIG_RELOADABLE, "Connections that have not logged on yet." },
    { CONFIG_FIXBRIDGE, "logon_timeout", CONFIG_DURATION, F(logon_timeout), "10s", SEC, 5 * MIN,
      NULL, NULL, CONFIG_RELOADABLE, "A connection without a complete Logon by then is closed." },
    { CONFIG_FIXBRIDGE, "send_timeout", CONFIG_DURATION, F(send_timeout), "30s", SEC, 10 * MIN,
      NULL, NULL, CONFIG_RELOADABLE,
      "TCP_USER_TIMEOUT: sent data not acknowledged by then means the client is gone." },
    { CONFIG_FIXBRIDGE, "drain_timeout", CONFIG_DURATION, F(drain_timeout), "10s", 0, 5 * MIN, NULL,
      NULL, CONFIG_RELOADABLE,
      "On SIGTERM: how long open venue calls and logouts are waited for." },
    { CONFIG_FIXBRIDGE, "admin_listen", CONFIG_HOST_PORT, F(admin_listen), "127.0.0.1:9879", 0, 0,
      NULL, NULL, 0,
      "Where the status page, metrics and the JSON API are served by HTTP. An address that is not "
      "loopback needs admin_certificate, admin_key and admin_token_file. off: nowhere." },
    { CONFIG_FIXBRIDGE, "admin_token_file", CONFIG_SECRET_FILE, F(admin_token_file), NULL, 0, 0,
      NULL, NULL, 0,
      "File with the token that the page and the API ask for, 16 to 256 characters. Default: "
      "admin.token in journal_dir, made at the first start." },
    { CONFIG_FIXBRIDGE, "admin_certificate", CONFIG_FILE, F(admin_certificate), NULL, 0, 0, NULL,
      NULL, 0, "Certificate and chain of the admin address, PEM: it is HTTPS then." },
    { CONFIG_FIXBRIDGE, "admin_key", CONFIG_SECRET_FILE, F(admin_key), NULL, 0, 0, NULL, NULL, 0,
      "Its private key, PEM, not encrypted." },
    { CONFIG_FIXBRIDGE, "admin_hosts", CONFIG_LIST, F(admin_hosts), NULL, 0, 0, NULL, NULL, 0,
      "Names under which the admin address may be asked for, beside localhost and addresses." },
    { CONFIG_FIXBRIDGE, "history", CONFIG_INT, F(history_mib), "32", 1, 4096, "MiB", NULL, 0,
      "Memory for the latest events of orders (messages, calls, records; about 2 KiB an order) "
      "that their timelines show. Older ones are read from the journal." },
    { CONFIG_FIXBRIDGE, "control_socket", CONFIG_TEXT, F(control_socket), NULL, 0, 0, NULL, NULL, 0,
      "Unix socket of \"fixbridge admin\", for the service's own user and root; relative to "
      "journal_dir, control.sock when absent; none: no such socket." },
    { CONFIG_FIXBRIDGE, "lockout_session", CONFIG_INT, F(lockout_session), "10", 0, 1000000,
      "failed logons", NULL, CONFIG_RELOADABLE,
      "So many in a row lock a session for lockout_time; 0: never." },
    { CONFIG_FIXBRIDGE, "lockout_address", CONFIG_INT, F(lockout_address), "20", 0, 1000000,
      "failed logons", NULL, CONFIG_RELOADABLE,
      "So many in a row from one address (IPv6: one /64) lock it for lockout_time; 0: never." },
    { CONFIG_FIXBRIDGE, "lockout_time", CONFIG_DURATION, F(lockout_time), "1m", SEC, 24 * HOUR,
      NULL, NULL, CONFIG_RELOADABLE, "How long, and how far failures may lie apart to add up." },
    { CONFIG_FIXBRIDGE, "refusal_delay", CONFIG_DURATION, F(refusal_delay), "1s", 0, 3 * SEC, NULL,
      NULL, CONFIG_RELOADABLE, "How long the answer to a refused Logon is held back." },
    { CONFIG_FIXBRIDGE, "mass_cancel_max", CONFIG_DURATION, F(mass_cancel_max), "10s", SEC, 5 * MIN,
      NULL, NULL, 0, "A mass cancel not proven complete by then is reported with what is proven." },

    { CONFIG_ACCOUNT, "venue", CONFIG_VENUE, A(venue), NULL, 0, 0, NULL, NULL, CONFIG_REQUIRED,
      "The venue's driver." },
    { CONFIG_ACCOUNT, "url", CONFIG_URL, A(url), NULL, 0, 0, NULL, NULL, CONFIG_REQUIRED,
      "https://host[:port] of the venue, without a path. http is taken on loopback only." },
    { CONFIG_ACCOUNT, "key", CONFIG_TEXT, A(key), NULL, 0, 0, NULL, NULL, CONFIG_SECRET,
      "API key; or key_file." },
    { CONFIG_ACCOUNT, "key_file", CONFIG_SECRET_FILE, A(key_file), NULL, 0, 0, NULL, NULL, 0,
      "File that holds the API key." },
    { CONFIG_ACCOUNT, "secret", CONFIG_TEXT, A(secret), NULL, 0, 0, NULL, NULL, CONFIG_SECRET,
      "API secret; or secret_file." },
    { CONFIG_ACCOUNT, "secret_file", CONFIG_SECRET_FILE, A(secret_file), NULL, 0, 0, NULL, NULL, 0,
      "File that holds the API secret." },
    { CONFIG_ACCOUNT, "passphrase", CONFIG_TEXT, A(passphrase), NULL, 0, 0, NULL, NULL,
      CONFIG_SECRET, "Where the venue has one; or passphrase_file." },
    { CONFIG_ACCOUNT, "passphrase_file", CONFIG_SECRET_FILE, A(passphrase_file), NULL, 0, 0, NULL,
      NULL, 0, "File that holds the passphrase." },
    { CONFIG_ACCOUNT, "proxy", CONFIG_TEXT, A(proxy), NULL, 0, 0, NULL, NULL, 0,
      "Proxy as curl writes it (http://host:port, socks5h://...); none: no proxy. Without it the "
      "environment's https_proxy and no_proxy count." },
    { CONFIG_ACCOUNT, "ca_file", CONFIG_FILE, A(ca_file), NULL, 0, 0, NULL, NULL, 0,
      "Certificates that the venue's is checked against; the system's when absent." },
    { CONFIG_ACCOUNT, "interface", CONFIG_TEXT, A(interface), NULL, 0, 0, NULL, NULL, 0,
      "Source address or interface of calls." },
    { CONFIG_ACCOUNT, "connections", CONFIG_INT, A(connections), "8", 1, 64, "connections", NULL, 0,
      "Connections to the venue at once." },
    { CONFIG_ACCOUNT, "calls_max", CONFIG_INT, A(calls_max), "8", 1, 1024, "calls", NULL, 0,
      "Calls under way at once." },
    { CONFIG_ACCOUNT, "connect_timeout", CONFIG_DURATION, A(connect_timeout), "3s", 50 * MS, MIN,
      NULL, NULL, 0, "For resolving, connecting and TLS." },
    { CONFIG_ACCOUNT, "call_timeout", CONFIG_DURATION, A(call_timeout), "5s", 50 * MS, 2 * MIN,
      NULL, NULL, 0, "For a whole call; then its outcome is unknown and is looked up." },
    { CONFIG_ACCOUNT, "poll_fills", CONFIG_DURATION, A(poll_fills), "500ms", 10 * MS, HOUR, NULL,
      NULL, CONFIG_RELOADABLE,
      "How often fills are asked for while orders are live. Once half of the share of the rate "
      "limit that questions have is spent, less often: the other half is spread over its period." },
    { CONFIG_ACCOUNT, "poll_orders", CONFIG_DURATION, A(poll_orders), "2s", 10 * MS, HOUR, NULL,
      NULL, CONFIG_RELOADABLE, "How often open orders are compared while orders are live." },
    { CONFIG_ACCOUNT, "poll_idle", CONFIG_DURATION, A(poll_idle), "30s", 100 * MS, 24 * HOUR, NULL,
      NULL, CONFIG_RELOADABLE, "How often fills are asked for while no order is live." },
    { CONFIG_ACCOUNT, "instruments_refresh", CONFIG_DURATION, A(instruments_refresh), "1h", SEC,
      24 * HOUR, NULL, NULL, CONFIG_RELOADABLE,
      "How often the venue's list of instruments is read." },
    { CONFIG_ACCOUNT, "order_wait_max", CONFIG_DURATION, A(order_wait_max), "5s", 100 * MS,
      10 * MIN, NULL, NULL, CONFIG_RELOADABLE,
      "An order that could not be sent by then (rate limit, venue down) is refused." },
    { CONFIG_ACCOUNT, "cancel_wait_max", CONFIG_DURATION, A(cancel_wait_max), "30s", 100 * MS, HOUR,
      NULL, NULL, CONFIG_RELOADABLE, "The same for cancels." },
    { CONFIG_ACCOUNT, "bulk_cancel", CONFIG_BOOL, A(bulk_cancel), "no", 0, 0, NULL, NULL, 0,
      "The account is traded by this bridge alone: a mass cancel may use the venue's cancel-all." },
    { CONFIG_ACCOUNT, "deadman", CONFIG_ENUM, A(deadman), "auto", 0, 0, NULL, deadman_words, 0,
      "The venue's dead man's switch, which cancels all orders of the account when we go silent. "
      "auto: "
      "armed while every session of the account has chosen 8013=Y (or cancel_on_disconnect = "
      "account). on: armed always, disarmed by a planned stop." },
    { CONFIG_ACCOUNT, "deadman_timeout", CONFIG_DURATION, A(deadman_timeout), "60s", 10 * SEC,
      10 * MIN, NULL, NULL, 0, "Its timeout; it is pushed back four times within it." },
    { CONFIG_ACCOUNT, "orders_when_down", CONFIG_ENUM, A(orders_when_down), "wait", 0, 0, NULL,
      down_words, 0,
      "New orders while the venue cannot be reached. wait: held up to order_wait_max, then refused "
      "with 103=2. reject: a business reject 380=4 at once. Cancels wait up to cancel_wait_max "
      "either way." },
    { CONFIG_ACCOUNT, "rate_limit", CONFIG_BOOL, A(rate_limit), "yes", 0, 0, NULL, NULL, 0,
      "Keep to the venue's rate limits. no: only for load tests against the simulator." },
    { CONFIG_ACCOUNT, "options", CONFIG_TEXT, A(options), NULL, 0, 0, NULL, NULL, 0,
      "What else the venue wants to know of the account, as name=value separated by blanks, by the "
      "venue's own names (its fact sheet and driver tell which)." },
    { CONFIG_ACCOUNT, "leverage", CONFIG_TEXT, A(leverage), NULL, 0, 0, NULL, NULL, 0,
      "What the leverage of symbols must be at the venue, as SYMBOL=NUMBER; asked at start and "
      "after "
      "a lost connection." },
    { CONFIG_ACCOUNT, "leverage_apply", CONFIG_BOOL, A(leverage_apply), "no", 0, 0, NULL, NULL, 0,
      "Set it when it is something else." },
    { CONFIG_ACCOUNT, "margin_mode", CONFIG_TEXT, A(margin_mode), NULL, 0, 0, NULL, NULL, 0,
      "isolated or cross; or, where the venue has it by symbol, SYMBOL=isolated, SYMBOL=cross." },
    { CONFIG_ACCOUNT, "margin_mode_apply", CONFIG_BOOL, A(margin_mode_apply), "no", 0, 0, NULL,
      NULL, 0, "Set it when it is something else." },
    { CONFIG_ACCOUNT, "self_trade", CONFIG_NAME, A(self_trade), NULL, 0, 0, NULL, NULL, 0,
      "What the account's self-trade strategy must be, in the venue's own word." },
    { CONFIG_ACCOUNT, "self_trade_apply", CONFIG_BOOL, A(self_trade_apply), "no", 0, 0, NULL, NULL,
      0, "Set it when it is something else." },
    { CONFIG_ACCOUNT, "price_limit", CONFIG_NAME, A(price_limit), NULL, 0, 0, NULL, NULL, 0,
      "What the venue does with a price beyond its band: refuse or adjust. Where it can adjust, "
      "refuse is demanded unless this says adjust: a price is not moved without a word." },
    { CONFIG_ACCOUNT, "price_limit_apply", CONFIG_BOOL, A(price_limit_apply), "no", 0, 0, NULL,
      NULL, 0, "Set it when it is something else." },
    { CONFIG_ACCOUNT, "position_mode_apply", CONFIG_BOOL, A(position_mode_apply), "no", 0, 0, NULL,
      NULL, 0,
      "Set the position mode that `options` name when it is another one at the venue; it is always "
      "asked where the venue tells it." },
    { CONFIG_ACCOUNT, "settings_mismatch", CONFIG_ENUM, A(settings_mismatch), "block", 0, 0, NULL,
      mismatch_words, 0,
      "A setting that is not what it must be: block refuses new orders until it is put right, warn "
      "only logs. Position mode and price limit always block." },
    { CONFIG_ACCOUNT, "send_nonce", CONFIG_BOOL, A(send_nonce), "no", 0, 0, NULL, NULL, 0,
      "Sign with a nonce where the venue makes it optional." },
    { CONFIG_ACCOUNT, "direct", CONFIG_BOOL, A(direct), "yes", 0, 0, NULL, NULL, 0,
      "yes: libcurl only connects (resolving, proxy, TLS, certificates), requests and answers are "
      "written and read without its transfer machinery, which costs several times as much. no: "
      "every call is a libcurl transfer. Without meaning where http2 = yes." },
    { CONFIG_ACCOUNT, "connections_warm", CONFIG_INT, A(connections_warm), "64", 0, 64,
      "connections", NULL, 0,
      "How many of them are opened at the start, and again when the venue closes them, so that no "
      "order waits for a handshake." },
    { CONFIG_ACCOUNT, "http2", CONFIG_BOOL, A(http2), "no", 0, 0, NULL, NULL, 0,
      "Offer HTTP/2 by ALPN; HTTP/1.1 costs less." },
    { CONFIG_ACCOUNT, "response_max", CONFIG_INT, A(response_max_mib), "16", 1, 16, "MiB", NULL, 0,
      "Largest answer taken." },

    { CONFIG_SESSION, "sender_comp_id", CONFIG_COMP_ID, S(sender_comp_id), NULL, 0, 0, NULL, NULL,
      CONFIG_REQUIRED, "Our CompID: 49 in what we send, 56 in what the client sends." },
    { CONFIG_SESSION, "target_comp_id", CONFIG_COMP_ID, S(target_comp_id), NULL, 0, 0, NULL, NULL,
      CONFIG_REQUIRED, "The client's CompID: 49 in what it sends." },
    { CONFIG_SESSION, "accounts", CONFIG_LIST, S(accounts), NULL, 0, 0, NULL, NULL, 0,
      "Accounts this session may trade; the first is its default. Required unless drop_copy is "
      "given." },
    { CONFIG_SESSION, "drop_copy", CONFIG_LIST, S(drop_copy), NULL, 0, 0, NULL, NULL, 0,
      "Accounts whose reports the session gets as copies once it logged on with 9406=Y; it enters "
      "no orders then. Without accounts it is a drop copy always." },
    { CONFIG_SESSION, "auth", CONFIG_ENUM, S(auth), "password", 0, 0, NULL, auth_words,
      CONFIG_RELOADABLE,
      "password: 553 and 554 of the Logon are compared. hmac-sha256, ed25519: 96 of the Logon "
      "signs "
      "52, 35, 34, 49, 56 and 553. none: only on loopback, or with tls_subject "
      "where client certificates are required." },
    { CONFIG_SESSION, "enabled", CONFIG_BOOL, S(enabled), "yes", 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "no: every Logon is refused." },
    { CONFIG_SESSION, "tls_subject", CONFIG_TEXT, S(tls_subject), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "The client certificate this session needs: its whole subject as RFC 2253 writes it "
      "(CN=ACME,O=Acme Ltd,C=GB; the log shows it), or DNS:, URI: or email: and one of its "
      "alternative names." },
    { CONFIG_SESSION, "allow", CONFIG_IP_LIST, S(allow), NULL, 0, 0, NULL, NULL, CONFIG_RELOADABLE,
      "Addresses and networks this client comes from, separated by commas; anywhere when absent." },
    { CONFIG_SESSION, "password_hash", CONFIG_TEXT, S(password_hash), NULL, 0, 0, NULL, NULL,
      CONFIG_SECRET | CONFIG_RELOADABLE,
      "Salted slow hash of the password, as \"fixbridge hash-password\" prints it; in place of "
      "password." },
    { CONFIG_SESSION, "logon_secret", CONFIG_TEXT, S(logon_secret), NULL, 0, 0, NULL, NULL,
      CONFIG_SECRET | CONFIG_RELOADABLE,
      "Key of auth = hmac-sha256, the text's bytes as they are; or logon_secret_file." },
    { CONFIG_SESSION, "logon_secret_file", CONFIG_SECRET_FILE, S(logon_secret_file), NULL, 0, 0,
      NULL, NULL, CONFIG_RELOADABLE, "File that holds the key." },
    { CONFIG_SESSION, "logon_public_key", CONFIG_TEXT, S(logon_public_key), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "The client's key of auth = ed25519: base64 of the 32 bytes or of the PEM file; or "
      "logon_public_key_file." },
    { CONFIG_SESSION, "logon_public_key_file", CONFIG_FILE, S(logon_public_key_file), NULL, 0, 0,
      NULL, NULL, CONFIG_RELOADABLE, "File that holds it, PEM or base64." },
    { CONFIG_SESSION, "proof_window", CONFIG_DURATION, S(proof_window), "30s", SEC, 5 * MIN, NULL,
      NULL, CONFIG_RELOADABLE,
      "With a signature: how far SendingTime (52) of the Logon may be off; a proof is good once." },
    { CONFIG_SESSION, "username", CONFIG_TEXT, S(username), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "Username (553)." },
    { CONFIG_SESSION, "password", CONFIG_TEXT, S(password), NULL, 0, 0, NULL, NULL,
      CONFIG_SECRET | CONFIG_RELOADABLE, "Password (554); or password_file." },
    { CONFIG_SESSION, "password_file", CONFIG_SECRET_FILE, S(password_file), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "File that holds the password." },
    { CONFIG_SESSION, "dictionary", CONFIG_FILE, S(dictionary), NULL, 0, 0, NULL, NULL, 0,
      "The client's own QuickFIX dictionary, in place of the service's." },
    { CONFIG_SESSION, "heartbeat_min", CONFIG_DURATION, S(heartbeat_min), "5s", SEC, HOUR, NULL,
      NULL, 0, "Smallest HeartBtInt (108) accepted; whole seconds." },
    { CONFIG_SESSION, "heartbeat_max", CONFIG_DURATION, S(heartbeat_max), "60s", SEC, HOUR, NULL,
      NULL, 0, "Largest HeartBtInt (108) accepted; whole seconds." },
    { CONFIG_SESSION, "heartbeat_zero", CONFIG_BOOL, S(heartbeat_zero), "no", 0, 0, NULL, NULL, 0,
      "Accept HeartBtInt 0: no heartbeats." },
    { CONFIG_SESSION, "logout_timeout", CONFIG_DURATION, S(logout_timeout), "10s", 100 * MS,
      5 * MIN, NULL, NULL, 0, "How long the answer to our Logout is waited for." },
    { CONFIG_SESSION, "clock_skew_max", CONFIG_DURATION, S(clock_skew_max), "30s", 0, 24 * HOUR,
      NULL, NULL, 0, "SendingTime (52) off by more is rejected; 0: not checked. Whole seconds." },
    { CONFIG_SESSION, "time_precision", CONFIG_ENUM, S(time_precision), "milliseconds", 0, 0, NULL,
      precision_words, 0, "Fraction digits of the timestamps we send: 3, 6 or 9." },
    { CONFIG_SESSION, "reset_on_logon", CONFIG_BOOL, S(reset_on_logon), "no", 0, 0, NULL, NULL, 0,
      "Both sequence numbers start at 1 with every Logon." },
    { CONFIG_SESSION, "reset_on_logout", CONFIG_BOOL, S(reset_on_logout), "no", 0, 0, NULL, NULL, 0,
      "... after a Logout." },
    { CONFIG_SESSION, "reset_on_disconnect", CONFIG_BOOL, S(reset_on_disconnect), "no", 0, 0, NULL,
      NULL, 0, "... after a connection ends." },
    { CONFIG_SESSION, "reset_by_client", CONFIG_BOOL, S(reset_by_client), "yes", 0, 0, NULL, NULL,
      0, "Obey ResetSeqNumFlag (141=Y) of a Logon." },
    { CONFIG_SESSION, "send_next_expected", CONFIG_BOOL, S(send_next_expected), "no", 0, 0, NULL,
      NULL, 0, "NextExpectedMsgSeqNum (789) in our Logon, even if the client sent none." },
    { CONFIG_SESSION, "send_last_processed", CONFIG_BOOL, S(send_last_processed), "no", 0, 0, NULL,
      NULL, 0, "LastMsgSeqNumProcessed (369) in every message." },
    { CONFIG_SESSION, "test_environment", CONFIG_BOOL, S(test_environment), "no", 0, 0, NULL, NULL,
      0, "What TestMessageIndicator (464) must say when the client sends it." },
    { CONFIG_SESSION, "early_max", CONFIG_INT, S(early_max), "1024", 0, FIX_EARLY_MAX, "messages",
      NULL, 0, "Messages kept that arrive while a gap is being filled." },
    { CONFIG_SESSION, "validate_fields_out_of_order", CONFIG_BOOL, S(validate_fields_out_of_order),
      "yes", 0, 0, NULL, NULL, 0, "As QuickFIX's ValidateFieldsOutOfOrder." },
    { CONFIG_SESSION, "validate_fields_have_values", CONFIG_BOOL, S(validate_fields_have_values),
      "yes", 0, 0, NULL, NULL, 0, "As QuickFIX's ValidateFieldsHaveValues." },
    { CONFIG_SESSION, "validate_user_defined_fields", CONFIG_BOOL, S(validate_user_defined_fields),
      "yes", 0, 0, NULL, NULL, 0,
      "As QuickFIX's ValidateUserDefinedFields: tags from 5000 on must be in the dictionary." },
    { CONFIG_SESSION, "validate_unordered_group_fields", CONFIG_BOOL,
      S(validate_unordered_group_fields), "yes", 0, 0, NULL, NULL, 0,
      "As QuickFIX's ValidateUnorderedGroupFields." },
    { CONFIG_SESSION, "check_required_tags", CONFIG_BOOL, S(check_required_tags), "yes", 0, 0, NULL,
      NULL, 0, "Required fields of a message must be there." },
    { CONFIG_SESSION, "allow_unknown_fields", CONFIG_BOOL, S(allow_unknown_fields), "no", 0, 0,
      NULL, NULL, 0, "As QuickFIX's AllowUnknownMsgFields." },
    { CONFIG_SESSION, "strict", CONFIG_BOOL, S(strict), "no", 0, 0, NULL, NULL, 0,
      "Known tags the bridge does not act on are refused, not ignored." },
    { CONFIG_SESSION, "day_as_gtc", CONFIG_BOOL, S(day_as_gtc), "no", 0, 0, NULL, NULL, 0,
      "TimeInForce 0 (Day) is taken as good till cancel; else it is refused." },
    { CONFIG_SESSION, "cl_ord_id_max", CONFIG_INT, S(cl_ord_id_max), "36", 1, CL_ORD_ID_MAX,
      "characters", NULL, 0, "Longest ClOrdID (11)." },
    { CONFIG_SESSION, "cancel_on_disconnect", CONFIG_ENUM, S(cancel_on_disconnect), "no", 0, 0,
      NULL, disconnect_words, 0,
      "What is canceled when the session is lost or logs out, unless its Logon says otherwise "
      "(8013). "
      "no (N): only orders with 18=Q. yes (S): its orders. account (Y): all orders of its "
      "accounts, "
      "whoever entered them." },
    { CONFIG_SESSION, "cancel_account", CONFIG_BOOL, S(cancel_account), "no", 0, 0, NULL, NULL, 0,
      "The client may choose 8013=Y; always when cancel_on_disconnect = account." },
    { CONFIG_SESSION, "cancel_grace", CONFIG_DURATION, S(cancel_grace), "5s", 0, MIN, NULL, NULL, 0,
      "How long the session may be away before that happens, unless its Logon says otherwise "
      "(35003); "
      "also after our own restart." },
    { CONFIG_SESSION, "echo_logon_tags", CONFIG_BOOL, S(echo_logon_tags), "no", 0, 0, NULL, NULL, 0,
      "Say in the answer to the Logon what holds: 8013, 35003, and 9406=Y of a drop copy." },
    { CONFIG_SESSION, "venue_status", CONFIG_BOOL, S(venue_status), "no", 0, 0, NULL, NULL, 0,
      "Send TradingSessionStatus (h) of its accounts at logon and on each change, unasked." },
    { CONFIG_SESSION, "pending_new", CONFIG_BOOL, S(pending_new), "yes", 0, 0, NULL, NULL, 0,
      "Send an ExecutionReport 150=A as soon as an order is journaled." },

    { CONFIG_SESSION, "non_stop_session", CONFIG_BOOL, S(non_stop_session), "no", 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "As QuickFIX's NonStopSession: open for ever, numbers never reset. Also without "
      "start_time." },
    { CONFIG_SESSION, "start_time", CONFIG_TEXT, S(start_time), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "As QuickFIX's StartTime, HH:MM:SS: when the session opens. Logons outside are refused." },
    { CONFIG_SESSION, "end_time", CONFIG_TEXT, S(end_time), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "As QuickFIX's EndTime: when it closes. The client is logged out and both sequence numbers "
      "are reset. Not after start_time: on the next day (or week)." },
    { CONFIG_SESSION, "start_day", CONFIG_TEXT, S(start_day), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE, "As QuickFIX's StartDay: one session a week instead of one a day." },
    { CONFIG_SESSION, "end_day", CONFIG_TEXT, S(end_day), NULL, 0, 0, NULL, NULL, CONFIG_RELOADABLE,
      "As QuickFIX's EndDay." },
    { CONFIG_SESSION, "weekdays", CONFIG_LIST, S(weekdays), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "As QuickFIX's Weekdays: the days a daily session begins on; all when absent." },
    { CONFIG_SESSION, "time_zone", CONFIG_TEXT, S(time_zone), NULL, 0, 0, NULL, NULL,
      CONFIG_RELOADABLE,
      "As QuickFIX's TimeZone, of start_time and end_time: a name as America/New_York, with its "
      "daylight saving. UTC when absent." },
    { CONFIG_SESSION, "messages_per_second", CONFIG_INT, S(messages_per_second), "0", 0, 1000000,
      "messages", NULL, CONFIG_RELOADABLE,
      "Messages taken from the client; more are rejected (an order by an ExecutionReport 103=3, "
      "others by a BusinessMessageReject 380=0). 0: no limit." },
    { CONFIG_SESSION, "messages_burst", CONFIG_INT, S(messages_burst), "0", 0, 1000000, "messages",
      NULL, CONFIG_RELOADABLE,
      "Messages taken at once after a silence; 0: as many as in a second." },
    { CONFIG_SESSION, "rate_strikes", CONFIG_INT, S(rate_strikes), "100", 0, 1000000, "messages",
      NULL, CONFIG_RELOADABLE,
      "Messages over the limit, without a pause that fills the burst, after which the client is "
      "logged out; 0: never." },
    { CONFIG_SESSION, "rate_block", CONFIG_DURATION, S(rate_block), "15s", 0, HOUR, NULL, NULL,
      CONFIG_RELOADABLE, "How long a client logged out for its rate is not let in again." },
    { CONFIG_SESSION, "output_max", CONFIG_INT, S(output_max_kib), "8192", 1024,
      FIX_OUTPUT_MAX / 1024, "KiB", NULL, 0,
      "Output waiting for a client that does not read; at this it is logged out. What it did not "
      "get is in the journal for its resend." },
    { CONFIG_SESSION, "output_warn", CONFIG_INT, S(output_warn_percent), "50", 1, 100, "percent",
      NULL, CONFIG_RELOADABLE, "Part of output_max at which a warning is logged." },
    { CONFIG_SESSION, "report_tags", CONFIG_LIST, S(report_tags), NULL, 0, 0, NULL, NULL, 0,
      "Tags that ExecutionReports tell beyond FIX 4.4's, as numbers, or all; the client needs "
      "\"fixbridge --client-dictionary\"." },
    { CONFIG_SESSION, "on_behalf_of", CONFIG_LIST, S(on_behalf_of), NULL, 0, 0, NULL, NULL, 0,
      "OnBehalfOfCompID (115) its messages may have; one with any other is refused (business "
      "reject "
      "380=6). Answers go back to it (128)." },
    { CONFIG_SESSION, "change_settings", CONFIG_BOOL, S(change_settings), "no", 0, 0, NULL, NULL, 0,
      "Leverage (20005) and MarginMode (22100) of its orders change the account where the "
      "configuration does not fix them; else an order that differs is refused." },
    { CONFIG_SESSION, "amend_to_filled", CONFIG_BOOL, S(amend_to_filled), "yes", 0, 0, NULL, NULL,
      0,
      "A replace to what is filled already, or to less, cancels the rest: OrderQty becomes CumQty "
      "(FIX 4.4 vol. 4, appendix D, C.3.b and C.3.c). no: it is refused, 102=99." },
    { CONFIG_SESSION, "log_messages", CONFIG_LOG_FILE, S(log_messages), NULL, 0, 0, NULL, NULL, 0,
      "File of this session's messages in place of the service's log_messages; none: no file." },
};

const size_t config_key_count = ARRAY_LEN(config_keys);

const char *config_kind_text(enum config_kind kind)
{
    static const char *const text[CONFIG_KIND_COUNT] = {
        [CONFIG_FIXBRIDGE] = "fixbridge",
        [CONFIG_ACCOUNT] = "account",
        [CONFIG_SESSION] = "session",
        [CONFIG_SYMBOLS] = "symbols",
    };

    return text[kind];
}

const char *config_type_text(enum config_type type)
{
    static const char *const text[CONFIG_TYPE_COUNT] = {
        [CONFIG_TEXT] = "text",
        [CONFIG_NAME] = "name",
        [CONFIG_COMP_ID] = "CompID",
        [CONFIG_BOOL] = "yes, no",
        [CONFIG_INT] = "number",
        [CONFIG_DURATION] = "duration",
        [CONFIG_ENUM] = "word",
        [CONFIG_VENUE] = "venue",
        [CONFIG_URL] = "URL",
        [CONFIG_HOST_PORT] = "address:port, off",
        [CONFIG_FILE] = "file",
        [CONFIG_SECRET_FILE] = "private file",
        [CONFIG_DIRECTORY] = "directory",
        [CONFIG_LIST] = "list of names",
        [CONFIG_LOG_FILE] = "file to be made",
        [CONFIG_IP_LIST] = "list of networks",
    };

    return text[type];
}
