// What a client costs at least: reads, finds the tokens and keeps the clock of each read, and does nothing else.
//   cc -O2 -o floor floor.c && ./floor PORT CONCURRENCY REQUESTS TOKENS TOLD
// TOLD gets a line a request: its name, when it was sent, and the time of each token, monotonic ns.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, PROMPT = 64 };
static const char MARK[] = "\"choices\":[{", END[] = "\r\n0\r\n\r\n";
enum { MARK_LEN = sizeof MARK - 1, END_LEN = sizeof END - 1 };
typedef long long ns_t;
typedef struct { int fd, request, kept; char tail[MARK_LEN]; } Place;
typedef struct { ns_t start, *times; int n; } Request;

static Request *requests;
static int wanted, sent, ended, tokens;
static char prompt[PROMPT * 8];

static ns_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void die(const char *why) { fprintf(stderr, "floor: %s\n", why); exit(1); }

static void next(Place *p) {
    if (sent == wanted) { close(p->fd); return; }
    char body[2048], head[4096];
    int n = sprintf(body, "{\"model\":\"bench\",\"prompt\":[%s],\"max_tokens\":%d,\"ignore_eos\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}}", prompt, tokens);
    n = sprintf(head, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Request-Id: b-%d\r\nContent-Length: %d\r\n\r\n%s", sent, n, body);
    p->request = sent++; p->kept = 0;
    requests[p->request].start = now();
    if (send(p->fd, head, n, MSG_NOSIGNAL) != n) die("a request did not go out in one piece");
}
static void readable(Place *p) {
    static char data[MARK_LEN + ROOM];
    memcpy(data, p->tail, p->kept);
    int k = recv(p->fd, data + p->kept, ROOM, 0);
    ns_t t = now();
    if (k <= 0) die("the server closed a connection");
    Request *r = &requests[p->request];
    char *at = data, *end = data + p->kept + k;
    // What was kept of the last read is one byte short of a mark, so that none is counted twice.
    while ((at = memmem(at, end - at, MARK, MARK_LEN))) { if (r->n < tokens) r->times[r->n++] = t; at += MARK_LEN; }
    p->kept = end - data < MARK_LEN - 1 ? end - data : MARK_LEN - 1;
    memcpy(p->tail, end - p->kept, p->kept);
    if (end - data >= END_LEN && !memcmp(end - END_LEN, END, END_LEN)) { ended++; next(p); }
}
static int dial(int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (connect(fd, (void *)&a, sizeof a)) die("no connection");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}
int main(int argc, char **argv) {
    if (argc != 6) die("usage: floor PORT CONCURRENCY REQUESTS TOKENS TOLD");
    int port = atoi(argv[1]), places = atoi(argv[2]), ep = epoll_create1(0);
    wanted = atoi(argv[3]); tokens = atoi(argv[4]);
    for (int i = 0, n = 0; i < PROMPT; i++) n += sprintf(prompt + n, i ? ",%d" : "%d", 10 + i * 31);
    requests = calloc(wanted, sizeof *requests);
    for (int i = 0; i < wanted; i++) requests[i].times = malloc(tokens * sizeof(ns_t));
    Place *all = calloc(places, sizeof *all);
    for (int i = 0; i < places; i++) {
        all[i].fd = dial(port);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &e);
        next(&all[i]);
    }
    struct epoll_event got[512];
    while (ended < wanted) {
        int n = epoll_wait(ep, got, 512, -1);
        for (int i = 0; i < n; i++) readable(got[i].data.ptr);
    }
    FILE *f = fopen(argv[5], "w");
    if (!f) die("the log cannot be written");
    for (int i = 0; i < wanted; i++) { fprintf(f, "b-%d %lld", i, requests[i].start); for (int j = 0; j < requests[i].n; j++) fprintf(f, " %lld", requests[i].times[j]); fputc('\n', f); }
    return fclose(f) != 0;
}
