/* Preloaded under a real core: the calls that make things durable fail where they are told to.
 *
 * What is told stands in a file that is mapped into memory by every process of the house
 * (`faults.py` has the same layout), so that a test can switch it while the core runs. A path is
 * looked at only while a fault is set; else a call costs one comparison. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, OPEN = 4 };

struct fault {
    int32_t error; /* 0: none is set */
    int32_t calls; /* which of the above */
    int32_t left;  /* how often it still strikes */
    int32_t hits;  /* how often it has */
    char path[240]; /* a part of the path; "" is any */
};

static volatile struct fault *told;

static int real_open(const char *path) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    return real(path, O_RDWR | O_CLOEXEC);
}

static int strikes(int call, const char *path) {
    if (!told) {
        const char *name = getenv("SEKISHO_TEST_FAULTS");
        int file = name ? real_open(name) : -1;
        if (file < 0) return 0;
        void *at = mmap(0, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        close(file);
        if (at == MAP_FAILED) return 0;
        told = at;
    }
    if (!told->error || !(told->calls & call) || !strstr(path, (const char *)told->path)) return 0;
    if (__atomic_fetch_sub(&told->left, 1, __ATOMIC_SEQ_CST) <= 0) {
        told->left = 0;
        return 0;
    }
    __atomic_fetch_add(&told->hits, 1, __ATOMIC_SEQ_CST);
    errno = told->error;
    return 1;
}

static int struck(int call, int file) {
    char link[64], path[4096];
    if (told && !(told->error && told->calls & call)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || path[0] != '/') return 0;
    path[length] = 0;
    return strikes(call, path);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *data, size_t size) {
    REAL(write);
    return struck(WRITE, file) ? -1 : real(file, data, size);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    return struck(WRITE, file) ? -1 : real(file, data, size, at);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    return struck(WRITE, file) ? -1 : real(file, data, size, at);
}
int fsync(int file) {
    REAL(fsync);
    return struck(SYNC, file) ? -1 : real(file);
}
int fdatasync(int file) {
    REAL(fdatasync);
    return struck(SYNC, file) ? -1 : real(file);
}

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    if (flags & O_CREAT && strikes(OPEN, path)) return -1;
    return real(path, flags, mode);
}
#define OPENER(name)                                                                              \
    int name(const char *path, int flags, ...) {                                                  \
        REAL(name);                                                                               \
        mode_t mode = 0;                                                                          \
        if (flags & O_CREAT) {                                                                    \
            __builtin_va_list more;                                                               \
            __builtin_va_start(more, flags);                                                      \
            mode = __builtin_va_arg(more, mode_t);                                                \
            __builtin_va_end(more);                                                               \
        }                                                                                         \
        return opened(real, path, flags, mode);                                                   \
    }
OPENER(open)
OPENER(open64)
