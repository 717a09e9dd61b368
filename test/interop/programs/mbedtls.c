/*
 * Mbed TLS as an end of a run. It sends what it reads, and prints what it is sent. A line "Q" alone closes the
 * connection.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <poll.h>
#include <unistd.h>

#include "peer.h"

static void need(int result, const char *what) {
    if (result != 0) fail(what);
}

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static mbedtls_x509_crt authorities, chain;
static mbedtls_pk_context key;
static mbedtls_ssl_ticket_context tickets;
static mbedtls_ssl_session session;
static FILE *key_log;

static const struct {
    const char *name;
    uint16_t group;
} groups[] = {
    {"x25519", MBEDTLS_SSL_IANA_TLS_GROUP_X25519},
    {"x448", MBEDTLS_SSL_IANA_TLS_GROUP_X448},
    {"secp256r1", MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1},
    {"secp384r1", MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1},
    {"secp521r1", MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1},
};

static uint16_t group_of(const char *name) {
    for (size_t at = 0; at < sizeof groups / sizeof *groups; at++) {
        if (strcmp(groups[at].name, name) == 0) return groups[at].group;
    }
    fail(name);
    return 0;
}

/* The items of a list with commas; the text is cut in place. */
static int split(char *text, char **items, int most) {
    int length = 0;
    for (char *item = strtok(text, ","); item != NULL && length < most; item = strtok(NULL, ",")) items[length++] = item;
    return length;
}

/* Lists end with 0 or NULL, and are there as long as the configuration. */
static void choose(mbedtls_ssl_config *config) {
    static uint16_t chosen_groups[16];
    static int chosen_suites[16];
    static char *protocols[16];
    char *items[15];
    if (given("groups") != NULL) {
        int length = split(strdup(given("groups")), items, 15);
        for (int at = 0; at < length; at++) chosen_groups[at] = group_of(items[at]);
        mbedtls_ssl_conf_groups(config, chosen_groups);
    }
    if (given("suites") != NULL) {
        int length = split(strdup(given("suites")), items, 15);
        for (int at = 0; at < length; at++) {
            chosen_suites[at] = mbedtls_ssl_get_ciphersuite_id(items[at]);
            if (chosen_suites[at] == 0) fail(items[at]);
        }
        mbedtls_ssl_conf_ciphersuites(config, chosen_suites);
    }
    if (given("alpn") != NULL) {
        split(strdup(given("alpn")), protocols, 15);
        need(mbedtls_ssl_conf_alpn_protocols(config, (const char **)protocols), "conf_alpn_protocols");
    }
}

static void write_hex(FILE *file, const unsigned char *bytes, size_t length) {
    for (size_t at = 0; at < length; at++) fprintf(file, "%02x", bytes[at]);
}

static const char *label_of(mbedtls_ssl_key_export_type type) {
    switch (type) {
        case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_EARLY_SECRET: return "CLIENT_EARLY_TRAFFIC_SECRET";
        case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET: return "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
        case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET: return "SERVER_HANDSHAKE_TRAFFIC_SECRET";
        case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET: return "CLIENT_TRAFFIC_SECRET_0";
        case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET: return "SERVER_TRAFFIC_SECRET_0";
        default: return NULL;
    }
}

static void log_key(void *unused, mbedtls_ssl_key_export_type type, const unsigned char *secret, size_t length,
                    const unsigned char client_random[32], const unsigned char server_random[32],
                    mbedtls_tls_prf_types prf) {
    const char *label = label_of(type);
    (void)unused, (void)server_random, (void)prf;
    if (label == NULL) return;
    fprintf(key_log, "%s ", label);
    write_hex(key_log, client_random, 32);
    fprintf(key_log, " ");
    write_hex(key_log, secret, length);
    fprintf(key_log, "\n");
    fflush(key_log);
}

static void export_key(mbedtls_ssl_context *ssl) {
    const char *label = given("exporter");
    unsigned char secret[32];
    if (label == NULL) return;
    need(mbedtls_ssl_export_keying_material(ssl, secret, sizeof secret, label, strlen(label), NULL, 0, 0), "exporter");
    fprintf(stderr, "exported ");
    write_hex(stderr, secret, sizeof secret);
    fprintf(stderr, "\n");
}

static void tell(const char *what, int error) {
    fprintf(stderr, "%s: -0x%04x\n", what, (unsigned)-error);
}

static int must_wait(int result) {
    return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* Whoever reads or writes next is told of a ticket. */
static int takes_ticket(mbedtls_ssl_context *ssl, int result) {
    if (result != MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) return 0;
    mbedtls_ssl_session_free(&session);
    need(mbedtls_ssl_get_session(ssl, &session), "get_session");
    return 1;
}

static int write_all(mbedtls_ssl_context *ssl, int socket, const unsigned char *bytes, size_t length) {
    struct pollfd waiting = {socket, POLLOUT, 0};
    while (length > 0) {
        int result = mbedtls_ssl_write(ssl, bytes, length);
        if (result > 0) {
            bytes += result;
            length -= (size_t)result;
        } else if (must_wait(result)) {
            poll(&waiting, 1, -1);
        } else if (!takes_ticket(ssl, result)) {
            tell("write", result);
            return 0;
        }
    }
    return 1;
}

/* Prints what has come. 0: no more will. */
static int read_all(mbedtls_ssl_context *ssl) {
    static unsigned char buffer[1 << 14];
    for (;;) {
        int length = mbedtls_ssl_read(ssl, buffer, sizeof buffer);
        if (length > 0) {
            fwrite(buffer, 1, (size_t)length, stdout);
            fflush(stdout);
        } else if (must_wait(length)) {
            return 1;
        } else if (!takes_ticket(ssl, length)) {
            if (length != 0 && length != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) tell("read", length);
            return 0;
        }
    }
}

/* Until one of the two closes. */
static void converse(mbedtls_ssl_context *ssl, int socket) {
    static unsigned char buffer[1 << 14];
    struct pollfd waiting[2] = {{socket, POLLIN, 0}, {0, POLLIN, 0}};
    int result;
    while (must_wait(result = mbedtls_ssl_handshake(ssl))) poll(waiting, 1, -1);
    if (result != 0) {
        tell("handshake", result);
        return;
    }
    export_key(ssl);
    while (read_all(ssl)) {
        poll(waiting, 2, -1);
        if ((waiting[1].revents & (POLLIN | POLLHUP)) == 0) continue;
        ssize_t length = read(0, buffer, sizeof buffer);
        if (length <= 0 || (length == 2 && memcmp(buffer, "Q\n", 2) == 0)) break;
        if (!write_all(ssl, socket, buffer, (size_t)length)) break;
    }
    mbedtls_ssl_close_notify(ssl);
}

static void speak(const mbedtls_ssl_config *config, int socket, int nth) {
    mbedtls_ssl_context ssl;
    mbedtls_net_context net = {socket};
    mbedtls_ssl_init(&ssl);
    need(mbedtls_net_set_nonblock(&net), "set_nonblock");
    need(mbedtls_ssl_setup(&ssl, config), "setup");
    if (given("port") != NULL) need(mbedtls_ssl_set_hostname(&ssl, given("name")), "set_hostname");
    if (given("port") != NULL && nth > 0) need(mbedtls_ssl_set_session(&ssl, &session), "set_session");
    mbedtls_ssl_set_export_keys_cb(&ssl, log_key, NULL);
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    converse(&ssl, socket);
    mbedtls_ssl_free(&ssl);
    shutdown(socket, SHUT_WR);
    close(socket);
}

static void prepare(mbedtls_ssl_config *config, int is_client) {
    int role = is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
    need(mbedtls_ssl_config_defaults(config, role, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT), "config");
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &random_source);
    need(mbedtls_x509_crt_parse_file(&authorities, given("ca")), "ca");
    mbedtls_ssl_conf_ca_chain(config, &authorities, NULL);
    if (given("certificate") != NULL) {
        need(mbedtls_x509_crt_parse_file(&chain, given("certificate")), "certificate");
        need(mbedtls_pk_parse_keyfile(&key, given("key"), NULL, mbedtls_ctr_drbg_random, &random_source), "key");
        need(mbedtls_ssl_conf_own_cert(config, &chain, &key), "conf_own_cert");
    }
    int must_authenticate = is_client || given("require-client") != NULL;
    mbedtls_ssl_conf_authmode(config, must_authenticate ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    choose(config);
    if (given("tickets") == NULL) return;
    if (is_client) {
        mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
            config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
        return;
    }
    need(mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &random_source, MBEDTLS_CIPHER_AES_256_GCM, 86400),
         "ticket_setup");
    mbedtls_ssl_conf_session_tickets_cb(config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
}

int main(int argc, char **argv) {
    mbedtls_ssl_config config;
    count = argc;
    arguments = argv;
    if (given("version") != NULL) {
        printf("%s\n", MBEDTLS_VERSION_STRING_FULL);
        return 0;
    }
    int is_client = given("port") != NULL;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_x509_crt_init(&authorities);
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
    mbedtls_ssl_ticket_init(&tickets);
    mbedtls_ssl_session_init(&session);
    mbedtls_ssl_config_init(&config);
    need(mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0), "seed");
    need(psa_crypto_init(), "psa_crypto_init");
    key_log = fopen(given("key-log"), "a");
    if (key_log == NULL) fail(given("key-log"));
    prepare(&config, is_client);
    if (is_client) {
        int connections = given("tickets") != NULL ? 2 : 1;
        for (int nth = 0; nth < connections; nth++) speak(&config, open_connection(), nth);
        return 0;
    }
    int listener = start_listening();
    for (;;) speak(&config, take_connection(listener), 0);
}
