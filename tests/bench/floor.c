/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * floor DIRECTORY DEPTH BYTES [FILE]...
 *
 * Makes the minimum of system calls for a program that reads every file at
 * DEPTH directories below DIRECTORY, or only the files FILE, and prints BYTES
 * bytes. Opens and lists each directory, unless the names of the files are
 * known. Opens, reads and closes each file. Makes one write, and ignores the
 * contents.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char content[1 << 20];
static char listing[8][1 << 16];

static void read_all(int at, const char *name)
{
    const int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, content, 4096) < 0)
        _exit(1);
    close(fd);
}

/* Reads the files without opening the directory. */
static void read_known(int at, const char *directory, char **files)
{
    char path[PATH_MAX];

    for (; *files; ++files) {
        snprintf(path, sizeof path, "%s/%s", directory, *files);
        read_all(at, path);
    }
}

static void walk(int at, const char *name, int depth, char **files)
{
    const int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0)
        _exit(1);
    while ((got = getdents64(fd, listing[depth], sizeof listing[depth])) > 0)
        for (ssize_t i = 0; i < got;) {
            const struct dirent64 *entry =
                (const struct dirent64 *)(listing[depth] + i);
            i += entry->d_reclen;
            if (entry->d_name[0] == '.')
                continue;
            if (entry->d_type == DT_REG && depth == 0)
                read_all(fd, entry->d_name);
            else if (entry->d_type == DT_DIR && depth == 1 && *files)
                read_known(fd, entry->d_name, files);
            else if (entry->d_type == DT_DIR && depth > 0)
                walk(fd, entry->d_name, depth - 1, files);
        }
    close(fd);
}

int main(int argc, char **argv)
{
    long left;

    if (argc < 4 || atoi(argv[2]) > 7)
        return 2;
    walk(AT_FDCWD, argv[1], atoi(argv[2]), argv + 4);
    for (left = atol(argv[3]); left > 0;) {
        const size_t size =
            left < (long)sizeof content ? (size_t)left : sizeof content;
        const ssize_t written = write(STDOUT_FILENO, content, size);
        if (written <= 0)
            return 1;
        left -= written;
    }
    return 0;
}
