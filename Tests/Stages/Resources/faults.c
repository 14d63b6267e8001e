/* A library to preload: of the calls of one kind that a program makes on files below its folder, one
 * fails, moves only half of its bytes, or is the instant at which the program is sent a signal.
 *
 *   FAULT_CALL    the kind: open, read, write, sync, rename, unlink, mkdir, symlink, stat, readlink,
 *                 lock, list, map, chmod, or any
 *   FAULT_AT      which call of the kind, from 1
 *   FAULT_MANY    that one and all after it, as a disk that has gone away would do
 *   FAULT_ACTION  a number of errno; 0 for half of the bytes; -n for signal n just before the call
 *   FAULT_COUNTS  a file to leave the number of calls of each kind in
 *
 * Counted are calls with a path that is relative, or below the folder that the program started in, and
 * calls on descriptors opened by such a path. What the dynamic loader and libc do is not among them. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, SYNC, RENAME, UNLINK, MKDIR, SYMLINK, STAT, READLINK, LOCK, LIST, MAP, CHMOD, KINDS, ANY = KINDS };
static const char *const names[] = { "open", "read", "write", "sync", "rename", "unlink", "mkdir", "symlink",
                                     "stat", "readlink", "lock", "list", "map", "chmod", "any" };
static atomic_int counts[KINDS + 1];
static atomic_char ours[4096];                          // by descriptor: opened below the folder
static char here[4096];
static int kind = -1, at, many, action;

static int number(const char *name) { const char *text = getenv(name); return text ? atoi(text) : 0; }

__attribute__((constructor)) static void begin(void) {
    const char *wanted = getenv("FAULT_CALL");
    if (!getcwd(here, sizeof here)) here[0] = 0;
    at = number("FAULT_AT"), many = number("FAULT_MANY"), action = number("FAULT_ACTION");
    for (int k = 0; wanted && k <= KINDS; k++) if (!strcmp(wanted, names[k])) kind = k;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    for (int k = 0; file && k <= KINDS; k++) fprintf(file, "%s %d\n", names[k], counts[k]);
    if (file) fclose(file);
}

static int is_ours(int descriptor) { return descriptor >= 0 && descriptor < 4096 && ours[descriptor]; }

static int is_below(int folder, const char *path) {
    size_t length = strlen(here);
    if (path[0] == '/') return length > 1 && !strncmp(path, here, length) && (path[length] == '/' || !path[length]);
    return folder == AT_FDCWD || is_ours(folder);
}

/* Counts a call. Whether it is to fail now, with errno set; `half` tells that half of it is to be done. */
static int strikes(enum kind k, int counted, int *half) {
    if (!counted) return 0;
    int all = ++counts[ANY], own = ++counts[k], count = kind == ANY ? all : own;
    if (kind != ANY && kind != (int)k) return 0;
    if (many ? count < at : count != at) return 0;
    if (action < 0) {
        kill(getpid(), -action);
        usleep(3000);                                   // so that a thread which waits for it can begin
        return 0;
    }
    if (action == 0) { if (half) *half = 1; return 0; }
    errno = action;
    return 1;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAILS(k, counted) strikes(k, counted, NULL)

static int opened(int descriptor, int counted) {
    if (descriptor >= 0 && descriptor < 4096) ours[descriptor] = (char)counted;
    return descriptor;
}

#define OPENING(name, parameters, folder, ...)                                                        \
    int name parameters {                                                                             \
        REAL(name);                                                                                   \
        mode_t mode = 0;                                                                              \
        if (flags & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
        int counted = is_below(folder, path);                                                         \
        if (FAILS(OPEN, counted)) return -1;                                                          \
        return opened(real(__VA_ARGS__, mode), counted);                                              \
    }
OPENING(open, (const char *path, int flags, ...), AT_FDCWD, path, flags)
OPENING(open64, (const char *path, int flags, ...), AT_FDCWD, path, flags)
OPENING(openat, (int folder, const char *path, int flags, ...), folder, folder, path, flags)
OPENING(openat64, (int folder, const char *path, int flags, ...), folder, folder, path, flags)

int close(int file) {
    REAL(close);
    if (file >= 0 && file < 4096) ours[file] = 0;
    return real(file);
}

#define MOVING(name, k, parameters, ...)                                                              \
    ssize_t name parameters {                                                                         \
        REAL(name);                                                                                   \
        int half = 0;                                                                                 \
        if (strikes(k, is_ours(file), &half)) return -1;                                              \
        if (half && count > 1) count /= 2;                                                            \
        return real(__VA_ARGS__);                                                                     \
    }
MOVING(read, READ, (int file, void *bytes, size_t count), file, bytes, count)
MOVING(pread, READ, (int file, void *bytes, size_t count, off_t from), file, bytes, count, from)
MOVING(pread64, READ, (int file, void *bytes, size_t count, off64_t from), file, bytes, count, from)
MOVING(write, WRITE, (int file, const void *bytes, size_t count), file, bytes, count)

#define SIMPLE(result, failed, name, k, counted, parameters, ...)                                     \
    result name parameters {                                                                          \
        REAL(name);                                                                                   \
        if (FAILS(k, counted)) return failed;                                                         \
        return real(__VA_ARGS__);                                                                     \
    }
#define BY_FILE(name, k, parameters, ...) SIMPLE(int, -1, name, k, is_ours(file), parameters, __VA_ARGS__)
#define BY_PATH(name, k, folder, parameters, ...) SIMPLE(int, -1, name, k, is_below(folder, path), parameters, __VA_ARGS__)
BY_FILE(fsync, SYNC, (int file), file)
BY_FILE(flock, LOCK, (int file, int operation), file, operation)
BY_FILE(fchmod, CHMOD, (int file, mode_t mode), file, mode)
BY_FILE(fstat, STAT, (int file, struct stat *status), file, status)
BY_FILE(fstat64, STAT, (int file, struct stat64 *status), file, status)
BY_PATH(stat, STAT, AT_FDCWD, (const char *path, struct stat *status), path, status)
BY_PATH(stat64, STAT, AT_FDCWD, (const char *path, struct stat64 *status), path, status)
BY_PATH(fstatat, STAT, folder, (int folder, const char *path, struct stat *status, int flags), folder, path, status, flags)
BY_PATH(fstatat64, STAT, folder, (int folder, const char *path, struct stat64 *status, int flags), folder, path, status, flags)
BY_PATH(access, STAT, AT_FDCWD, (const char *path, int mode), path, mode)
BY_PATH(rename, RENAME, AT_FDCWD, (const char *path, const char *to), path, to)
BY_PATH(renameat, RENAME, folder, (int folder, const char *path, int other, const char *to), folder, path, other, to)
BY_PATH(unlink, UNLINK, AT_FDCWD, (const char *path), path)
BY_PATH(unlinkat, UNLINK, folder, (int folder, const char *path, int flags), folder, path, flags)
BY_PATH(mkdir, MKDIR, AT_FDCWD, (const char *path, mode_t mode), path, mode)
BY_PATH(mkdirat, MKDIR, folder, (int folder, const char *path, mode_t mode), folder, path, mode)
BY_PATH(symlinkat, SYMLINK, folder, (const char *target, int folder, const char *path), target, folder, path)
SIMPLE(ssize_t, -1, readlinkat, READLINK, is_below(folder, path),
       (int folder, const char *path, char *text, size_t size), folder, path, text, size)
SIMPLE(DIR *, NULL, fdopendir, LIST, is_ours(file), (int file), file)
SIMPLE(struct dirent *, NULL, readdir, LIST, is_ours(dirfd(list)), (DIR *list), list)
SIMPLE(struct dirent64 *, NULL, readdir64, LIST, is_ours(dirfd(list)), (DIR *list), list)
SIMPLE(void *, MAP_FAILED, mmap, MAP, is_ours(file),
       (void *address, size_t size, int access, int flags, int file, off_t from), address, size, access, flags, file, from)
SIMPLE(void *, MAP_FAILED, mmap64, MAP, is_ours(file),
       (void *address, size_t size, int access, int flags, int file, off64_t from), address, size, access, flags, file, from)
