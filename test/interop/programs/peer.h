/* What the programs here have in common: their arguments, and their sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int count;
static char **arguments;

/* The value of an argument; empty for a flag, NULL if it is not there. */
static const char *given(const char *name) {
    for (int at = 1; at < count; at++) {
        if (strncmp(arguments[at], "--", 2) != 0 || strcmp(arguments[at] + 2, name) != 0) continue;
        return at + 1 < count && strncmp(arguments[at + 1], "--", 2) != 0 ? arguments[at + 1] : "";
    }
    return NULL;
}

static void fail(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int at_once(int socket) {
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

/* A socket that listens on a port of the system's choice, which is said. */
static int start_listening(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    fprintf(stderr, "listening on %d\n", ntohs(address.sin_port));
    return listener;
}

static int take_connection(int listener) {
    return at_once(accept(listener, NULL, NULL));
}

static int open_connection(void) {
    struct sockaddr_in address = loopback(atoi(given("port")));
    int opened = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(opened, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    return at_once(opened);
}
