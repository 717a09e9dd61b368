/*
 * wolfSSL as an end of a run. It sends what it reads, and prints what it is sent. A line "Q" alone closes the
 * connection, "K" updates its keys.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/version.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "peer.h"

static void need(int result, const char *what) {
    if (result != WOLFSSL_SUCCESS) fail(what);
}

static const struct {
    const char *name;
    int group;
} groups[] = {
    {"x25519", WOLFSSL_ECC_X25519},
    {"x448", WOLFSSL_ECC_X448},
    {"secp256r1", WOLFSSL_ECC_SECP256R1},
    {"secp384r1", WOLFSSL_ECC_SECP384R1},
    {"secp521r1", WOLFSSL_ECC_SECP521R1},
    {"X25519MLKEM768", WOLFSSL_X25519MLKEM768},
    {"SecP256r1MLKEM768", WOLFSSL_SECP256R1MLKEM768},
    {"SecP384r1MLKEM1024", WOLFSSL_SECP384R1MLKEM1024},
};

static int group_of(const char *name) {
    for (size_t at = 0; at < sizeof groups / sizeof *groups; at++) {
        if (strcmp(groups[at].name, name) == 0) return groups[at].group;
    }
    fail(name);
    return 0;
}

static void choose_groups(WOLFSSL *ssl) {
    char names[256];
    int list[16];
    int length = 0;
    if (given("groups") == NULL) return;
    snprintf(names, sizeof names, "%s", given("groups"));
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
        list[length++] = group_of(name);
    }
    need(wolfSSL_set_groups(ssl, list, length), "set_groups");
    if (given("port") != NULL) need(wolfSSL_UseKeyShare(ssl, (word16)list[0]), "UseKeyShare");
}

/* A ticket alone is nothing to read: so the socket does not block. */
static int write_all(WOLFSSL *ssl, const char *bytes, int length) {
    struct pollfd waiting = {wolfSSL_get_fd(ssl), POLLOUT, 0};
    for (;;) {
        int result = wolfSSL_write(ssl, bytes, length);
        if (result > 0) return 1;
        if (wolfSSL_get_error(ssl, result) != WOLFSSL_ERROR_WANT_WRITE) return 0;
        poll(&waiting, 1, -1);
    }
}

/* Until one of the two closes. */
static void converse(WOLFSSL *ssl) {
    static char buffer[1 << 14];
    struct pollfd waiting[2] = {{wolfSSL_get_fd(ssl), POLLIN, 0}, {0, POLLIN, 0}};
    fcntl(waiting[0].fd, F_SETFL, O_NONBLOCK);
    wolfSSL_set_using_nonblock(ssl, 1);
    for (;;) {
        if (wolfSSL_pending(ssl) == 0 && poll(waiting, 2, -1) < 0) return;
        if (wolfSSL_pending(ssl) > 0 || (waiting[0].revents & (POLLIN | POLLHUP))) {
            int length = wolfSSL_read(ssl, buffer, sizeof buffer);
            if (length > 0) {
                fwrite(buffer, 1, (size_t)length, stdout);
                fflush(stdout);
            } else if (wolfSSL_get_error(ssl, length) != WOLFSSL_ERROR_WANT_READ) {
                break;
            }
        }
        if (waiting[1].revents & (POLLIN | POLLHUP)) {
            ssize_t length = read(0, buffer, sizeof buffer);
            if (length <= 0 || (length == 2 && memcmp(buffer, "Q\n", 2) == 0)) break;
            if (length == 2 && memcmp(buffer, "K\n", 2) == 0) need(wolfSSL_update_keys(ssl), "update_keys");
            else if (!write_all(ssl, buffer, (int)length)) break;
        }
        waiting[0].revents = waiting[1].revents = 0;
    }
    wolfSSL_shutdown(ssl);
}

static void tell_error(WOLFSSL *ssl, int result) {
    char text[WOLFSSL_MAX_ERROR_SZ];
    fprintf(stderr, "%s\n", wolfSSL_ERR_error_string(wolfSSL_get_error(ssl, result), text));
}

static WOLFSSL *prepare(WOLFSSL_CTX *context, int socket) {
    WOLFSSL *ssl = wolfSSL_new(context);
    if (ssl == NULL) fail("new");
    need(wolfSSL_set_fd(ssl, socket), "set_fd");
    choose_groups(ssl);
    if (given("alpn") != NULL) {
        char names[256];
        snprintf(names, sizeof names, "%s", given("alpn"));
        need(wolfSSL_UseALPN(ssl, names, (unsigned)strlen(names), WOLFSSL_ALPN_FAILED_ON_MISMATCH), "UseALPN");
    }
    return ssl;
}

static void serve(WOLFSSL_CTX *context) {
    int listener = start_listening();
    for (;;) {
        int taken = take_connection(listener);
        WOLFSSL *ssl = prepare(context, taken);
        int result = wolfSSL_accept(ssl);
        if (result == WOLFSSL_SUCCESS) converse(ssl);
        else tell_error(ssl, result);
        wolfSSL_free(ssl);
        shutdown(taken, SHUT_WR);
        close(taken);
    }
}

static void connect_to(WOLFSSL_CTX *context) {
    WOLFSSL_SESSION *session = NULL;
    for (int nth = 0; nth < (given("tickets") != NULL ? 2 : 1); nth++) {
        int taken = open_connection();
        WOLFSSL *ssl = prepare(context, taken);
        const char *name = given("name");
        need(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, (word16)strlen(name)), "UseSNI");
        need(wolfSSL_check_domain_name(ssl, name), "check_domain_name");
        if (session != NULL) need(wolfSSL_set_session(ssl, session), "set_session");
        int result = wolfSSL_connect(ssl);
        if (result != WOLFSSL_SUCCESS) {
            tell_error(ssl, result);
            shutdown(taken, SHUT_WR);
            exit(1);
        }
        converse(ssl);
        session = wolfSSL_get1_session(ssl);
        wolfSSL_free(ssl);
        close(taken);
    }
}

int main(int argc, char **argv) {
    count = argc;
    arguments = argv;
    if (given("version") != NULL) {
        printf("wolfSSL %s\n", LIBWOLFSSL_VERSION_STRING);
        return 0;
    }
    int is_client = given("port") != NULL;
    wolfSSL_Init();
    WOLFSSL_CTX *context = wolfSSL_CTX_new(is_client ? wolfTLSv1_3_client_method() : wolfTLSv1_3_server_method());
    if (context == NULL) fail("CTX_new");
    need(wolfSSL_CTX_load_verify_locations(context, given("ca"), NULL), "load_verify_locations");
    if (given("certificate") != NULL) {
        need(wolfSSL_CTX_use_certificate_chain_file(context, given("certificate")), "use_certificate");
        need(wolfSSL_CTX_use_PrivateKey_file(context, given("key"), WOLFSSL_FILETYPE_PEM), "use_PrivateKey");
    }
    if (given("suites") != NULL) need(wolfSSL_CTX_set_cipher_list(context, given("suites")), "set_cipher_list");
    if (given("require-client") != NULL) {
        wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (!is_client && given("tickets") == NULL) wolfSSL_CTX_no_ticket_TLSv13(context);
    if (is_client) connect_to(context);
    else serve(context);
    return 0;
}
