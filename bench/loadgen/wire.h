// How the server's bytes leave and come: plain, or with -DTLS through OpenSSL, with the certificate and key in one file
// that the environment's BENCH_PEM names.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifdef TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
typedef SSL *wire_t;
static SSL_CTX *wire_all;

static void wire_init(void) {
    const char *pem = getenv("BENCH_PEM");
    wire_all = SSL_CTX_new(TLS_server_method());
    if (!pem || SSL_CTX_use_certificate_chain_file(wire_all, pem) != 1 || SSL_CTX_use_PrivateKey_file(wire_all, pem, SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "server: BENCH_PEM names no certificate with its key\n");
        exit(1);
    }
}
static wire_t wire_open(int fd) { SSL *s = SSL_new(wire_all); SSL_set_fd(s, fd); SSL_set_accept_state(s); return s; }
static void wire_close(wire_t w) { SSL_free(w); ERR_clear_error(); }
static int wire_again(wire_t w, int k) { int e = SSL_get_error(w, k); return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE; }
// Bytes read; 0: the other side is gone; -1: nothing more for now.
static int wire_read(wire_t w, int fd, char *to, int room) {
    (void)fd;
    int k = SSL_read(w, to, room);
    return k > 0 ? k : wire_again(w, k) ? -1 : 0;
}
// Bytes written; 0: try again; -1: the other side is gone.
static int wire_write(wire_t w, int fd, const char *from, int n) {
    (void)fd;
    int k = SSL_write(w, from, n);
    return k > 0 ? k : wire_again(w, k) ? 0 : -1;
}
#else
typedef int wire_t;
static void wire_init(void) {}
static wire_t wire_open(int fd) { return fd; }
static void wire_close(wire_t w) { (void)w; }
static int wire_read(wire_t w, int fd, char *to, int room) {
    (void)w;
    int k = recv(fd, to, room, 0);
    return k > 0 ? k : k < 0 && errno == EAGAIN ? -1 : 0;
}
static int wire_write(wire_t w, int fd, const char *from, int n) {
    (void)w;
    int k = send(fd, from, n, MSG_NOSIGNAL);
    return k >= 0 ? k : errno == EAGAIN ? 0 : -1;
}
#endif
