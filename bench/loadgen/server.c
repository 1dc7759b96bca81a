// A streaming server that costs next to nothing and logs when it sent each token; the judge of load generators.
//   cc -O2 -o server server.c && ./server PORT TTFT_MS ITL_MS LOG   (TLS: -DTLS … -lssl -lcrypto, see wire.h)
// It answers POST /v1/completions and /v1/chat/completions with vLLM-shaped events, max_tokens of them, the first
// TTFT_MS after the request and one each ITL_MS (0: as fast as the socket takes them). GET answers a list of one
// model. On SIGTERM it writes LOG: a line a request: id, received ns, then the send time of each token, monotonic ns.
// The id is the request's X-Request-Id, else a number in order of arrival. Several servers may share a port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

enum { CONNS = 4096, IN = 1 << 16, LOGS = 1 << 18 };
typedef long long ns_t;
typedef struct { char id[64]; ns_t received, *sent; int n; } Log;
typedef struct { int fd, len, left, total, chat; wire_t wire; ns_t due; Log *log; char in[IN]; } Conn;

static Conn *conns[CONNS];
static Log logs[LOGS]; static int nlogs;
static int heap[CONNS], nheap, at[CONNS], ep;
static volatile sig_atomic_t over;
static ns_t ttft, itl;

static ns_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void stop(int s) { (void)s; over = 1; }
static void put(int i, int fd) { heap[i] = fd; at[fd] = i; }
static void up(int i) { int fd = heap[i]; while (i && conns[heap[(i - 1) / 2]]->due > conns[fd]->due) { put(i, heap[(i - 1) / 2]); i = (i - 1) / 2; } put(i, fd); }
static void down(int i) {
    int fd = heap[i];
    for (;;) {
        int c = 2 * i + 1;
        if (c >= nheap) break;
        if (c + 1 < nheap && conns[heap[c + 1]]->due < conns[heap[c]]->due) c++;
        if (conns[heap[c]]->due >= conns[fd]->due) break;
        put(i, heap[c]); i = c;
    }
    put(i, fd);
}
static void push(int fd) { put(nheap, fd); up(nheap++); }
static void drop(int fd) { int i = at[fd]; if (i < 0) return; at[fd] = -1; int last = heap[--nheap]; if (i < nheap) { put(i, last); up(i); down(at[last]); } }
static void gone(int fd) { drop(fd); wire_close(conns[fd]->wire); close(fd); free(conns[fd]); conns[fd] = NULL; }
static int all(Conn *c, const char *p, int n) {
    while (n > 0) {
        int k = wire_write(c->wire, c->fd, p, n);
        if (k < 0) return -1;
        p += k; n -= k;
    }
    return 0;
}
static int chunk(char *out, const char *body) { return sprintf(out, "%zx\r\n%s\r\n", strlen(body), body); }
static int token(Conn *c, char *out) {
    char body[512];
    const char *end = c->left == 1 ? "\"length\"" : "null";
    if (c->chat) sprintf(body, "data: {\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":%s}]}\n\n", c->log->id, end);
    else sprintf(body, "data: {\"id\":\"%s\",\"object\":\"text_completion\",\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,\"text\":\" word\",\"logprobs\":null,\"finish_reason\":%s,\"stop_reason\":null}]}\n\n", c->log->id, end);
    return chunk(out, body);
}
static void fire(int fd) {
    Conn *c = conns[fd]; char out[2048]; int n = 0;
    if (c->left == c->total)
        n = sprintf(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
    n += token(c, out + n);
    if (--c->left == 0) {
        char body[256];
        sprintf(body, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":64,\"total_tokens\":%d,\"completion_tokens\":%d}}\n\n", 64 + c->total, c->total);
        n += chunk(out + n, body);
        n += chunk(out + n, "data: [DONE]\n\n");
        n += sprintf(out + n, "0\r\n\r\n");
    }
    c->log->sent[c->log->n++] = now();
    if (all(c, out, n)) { gone(fd); return; }
    if (!c->left) { drop(fd); return; }
    c->due += itl;
    down(at[fd]);
}
static void begin(Conn *c, char *head, char *body) {
    char *p = strcasestr(head, "x-request-id:"), *m = strstr(body, "\"max_tokens\"");
    if (!m) m = strstr(body, "\"max_completion_tokens\"");
    if (nlogs == LOGS) { fprintf(stderr, "server: the log is full\n"); exit(1); }
    Log *l = &logs[nlogs++];
    memset(l, 0, sizeof *l);
    if (!p || p > body || sscanf(p + 13, " %63[^\r\n]", l->id) != 1) sprintf(l->id, "o-%d-%d", getpid(), nlogs);
    c->total = c->left = m ? atoi(strchr(m, ':') + 1) : 16;
    c->chat = strstr(head, "/chat/") != NULL;
    l->received = now(); l->sent = malloc(c->total * sizeof(ns_t));
    c->log = l; c->due = l->received + ttft;
    push(c->fd);
}
static const char MODELS[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 69\r\n\r\n{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\",\"root\":\"b\"}]}";
static void readable(int fd) {
    Conn *c = conns[fd];
    int k;
    while ((k = wire_read(c->wire, fd, c->in + c->len, IN - 1 - c->len)) > 0) c->len += k;
    if (k == 0) { gone(fd); return; }
    c->in[c->len] = 0;
    while (c->len) {
        char *end = strstr(c->in, "\r\n\r\n");
        if (!end) return;
        char *p = strcasestr(c->in, "content-length:");
        int body = p && p < end ? atoi(p + 15) : 0, need = end + 4 - c->in + body;
        if (c->len < need) return;
        if (!strncmp(c->in, "POST", 4)) begin(c, c->in, end + 4); else if (all(c, MODELS, sizeof MODELS - 1)) { gone(fd); return; }
        memmove(c->in, c->in + need, c->len - need + 1); c->len -= need;
    }
}
int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "usage: server PORT TTFT_MS ITL_MS LOG\n"); return 2; }
    ttft = atof(argv[2]) * 1e6; itl = atof(argv[3]) * 1e6;
    wire_init();
    signal(SIGTERM, stop); signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(s, (void *)&a, sizeof a) || listen(s, 4096)) { perror("server"); return 1; }
    ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = s}, got[512];
    epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
    while (!over) {
        ns_t wait = nheap ? conns[heap[0]]->due - now() : 100000000;
        if (wait < 0) wait = 0;
        struct timespec t = {wait / 1000000000, wait % 1000000000};
        int n = epoll_pwait2(ep, got, 512, &t, NULL);
        for (int i = 0; i < n; i++) {
            int fd = got[i].data.fd;
            if (fd == s) {
                while ((fd = accept4(s, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (fd >= CONNS) { close(fd); continue; }
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    conns[fd] = calloc(1, sizeof(Conn)); conns[fd]->fd = fd; conns[fd]->wire = wire_open(fd); at[fd] = -1;
                    e.events = EPOLLIN; e.data.fd = fd; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
                }
            } else if (conns[fd]) readable(fd);
        }
        ns_t t0 = now();
        for (int i = 0; i < 8 && nheap && conns[heap[0]]->due <= t0; i++) fire(heap[0]);
    }
    FILE *f = fopen(argv[4], "w");
    for (int i = 0; i < nlogs; i++) { fprintf(f, "%s %lld", logs[i].id, logs[i].received); for (int j = 0; j < logs[i].n; j++) fprintf(f, " %lld", logs[i].sent[j]); fputc('\n', f); }
    return fclose(f) != 0;
}
