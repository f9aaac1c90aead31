// SPDX-License-Identifier: LGPL-2.1-or-later
// operations [--simulated] SYSFS LIST: makes the operations of a list on a tree
// of sysfs, and prints each line of the list and its result. The results of the
// kernel's tree and of a simulated tree can be compared.
//
// A line is an operation and its words. Paths are below SYSFS. A word may be
// "quoted", with \n, \0 and \xHH in it. $NAME is a text that `let` has named.
//   let NAME TEXT       gives a text a name
//   load DRIVER         loads a driver; also `unload DRIVER`
//   write PATH TEXT...  opens a file for writing, and makes one write a text
//   truncate PATH TEXT  like write, with the flags of a shell's ">"
//   nobody PATH TEXT    like truncate, as a user without permissions
//   open PATH           opens a file for writing, and keeps the file open
//   put TEXT            writes to the open file
//   close               closes the open file
//   read PATH           shows a file's content
//   list PATH           shows the names in a directory
//   stat PATH           shows the kind, mode and size
//   tree PATH           like stat for everything below, with contents and link
//                       targets
//   race TEXT PATH...   writes to all the paths at once; results are sorted
//   hold UUID           opens a device like a virtual machine
//   release UUID        closes the device
//   blocked PATH TEXT   writes in the background until the file is removed, and
//                       prints whether the write blocks
//   finish              waits for the end of this write, and prints its result
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { max_words = 32, max_names = 24, nobody = 65534 };

struct text {
    char bytes[PATH_MAX];
    size_t length;
};

struct name {
    char name[32];
    char value[128];
};

static const char* root;
static bool simulated;
static struct name names[max_names];
static int kept = -1; // by `open`
static pid_t holder; // by `hold`
static pid_t writer; // by `blocked`
static int writer_output;

static const char* below_root(const char* path)
{
    static char full[2 * PATH_MAX];
    snprintf(full, sizeof full, "%s/%s", root, path);
    return full;
}

static void print_error(void)
{
    printf("  %s\n", strerrorname_np(errno));
}

static void print_quoted(const char* bytes, size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; ++i) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n')
            printf("\\n");
        else if (byte < ' ' || byte > '~' || byte == '"')
            printf("\\x%02x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

// The words of a line.

static void append(struct text* word, char byte)
{
    if (word->length + 1 == sizeof word->bytes)
        errx(1, "a word is too long");
    word->bytes[word->length++] = byte;
    word->bytes[word->length] = '\0';
}

static void append_name(struct text* word, const char** at)
{
    size_t length = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (struct name* name = names; name < names + max_names; ++name) {
        if (strlen(name->name) != length ||
            strncmp(*at, name->name, length) != 0)
            continue;
        for (const char* byte = name->value; *byte; ++byte)
            append(word, *byte);
        *at += length;
        return;
    }
    errx(1, "who is $%s?", *at);
}

static char escaped(const char** at)
{
    char byte = *(*at)++;
    if (byte == 'n')
        return '\n';
    if (byte == '0')
        return '\0';
    if (byte != 'x')
        return byte;
    char digits[3] = {(*at)[0], (*at)[1], '\0'};
    *at += 2;
    return (char)strtol(digits, NULL, 16);
}

static const char* take_word(const char* at, struct text* word)
{
    bool quoted = *at == '"';
    *word = (struct text){.length = 0};
    if (quoted)
        ++at;
    while (*at && *at != (quoted ? '"' : ' ')) {
        char byte = *at++;
        if (byte == '$')
            append_name(word, &at);
        else
            append(word, quoted && byte == '\\' ? escaped(&at) : byte);
    }
    return quoted && *at ? at + 1 : at;
}

static int split(const char* at, struct text* words)
{
    int count = 0;
    while (*(at += strspn(at, " "))) {
        if (count == max_words)
            errx(1, "too many words");
        at = take_word(at, &words[count++]);
    }
    return count;
}

// Operations on files

static void write_once(int fd, const struct text* text)
{
    ssize_t written = write(fd, text->bytes, text->length);
    if (written < 0)
        print_error();
    else
        printf("  %zd\n", written);
}

static void write_all(
    const char* path, int flags, const struct text* texts, int count)
{
    int fd = open(below_root(path), O_WRONLY | flags, 0644);
    if (fd < 0) {
        print_error();
        return;
    }
    for (int i = 0; i < count; ++i)
        write_once(fd, &texts[i]);
    close(fd);
}

static void write_as_nobody(const char* path, const struct text* text)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(nobody) || setuid(nobody))
            err(1, "setuid");
        write_all(path, 0, text, 1);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void keep_open(const char* path)
{
    kept = open(below_root(path), O_WRONLY);
    if (kept < 0)
        print_error();
}

static void print_content(const char* path)
{
    char bytes[PATH_MAX];
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (length < 0)
        printf("%s", strerrorname_np(errno));
    else
        print_quoted(bytes, (size_t)length);
    if (fd >= 0)
        close(fd);
}

static void read_file(const char* path)
{
    printf("  ");
    print_content(below_root(path));
    printf("\n");
}

static int is_listed(const struct dirent* entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent** a, const struct dirent** b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char* path)
{
    struct dirent** entries;
    int count = scandir(below_root(path), &entries, is_listed, by_bytes);
    if (count < 0) {
        print_error();
        return;
    }
    for (int i = 0; i < count; ++i) {
        printf("  %s\n", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void print_link(const char* path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target);
    printf("-> ");
    print_quoted(target, length < 0 ? 0 : (size_t)length);
}

// Prints all facts except for the content of files, without the end of the
// line.
static bool print_status(const char* path, struct stat* status)
{
    if (lstat(path, status) < 0) {
        puts(strerrorname_np(errno));
        return false;
    }
    if (S_ISDIR(status->st_mode))
        printf("directory %04o", status->st_mode & 07777);
    else if (S_ISLNK(status->st_mode))
        print_link(path);
    else
        printf("file %04o %lld", status->st_mode & 07777,
            (long long)status->st_size);
    return true;
}

static void show_status(const char* path)
{
    struct stat status;
    printf("  ");
    if (print_status(below_root(path), &status))
        printf("\n");
}

static void show_tree(const char* path, const char* shown)
{
    struct stat status;
    printf("  %s ", shown);
    if (!print_status(path, &status))
        return;
    if (S_ISREG(status.st_mode) && (status.st_mode & 0444)) {
        putchar(' ');
        print_content(path);
    }
    printf("\n");
    struct dirent** entries = NULL;
    int count = S_ISDIR(status.st_mode)
        ? scandir(path, &entries, is_listed, by_bytes)
        : 0;
    for (int i = 0; i < count; ++i) {
        char inner[2 * PATH_MAX];
        char inner_shown[2 * PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        snprintf(inner_shown, sizeof inner_shown, "%s/%s", shown,
            entries[i]->d_name);
        show_tree(inner, inner_shown);
        free(entries[i]);
    }
    free(entries);
}

// Several operations at the same time

static pid_t write_in_background(
    const char* path, const struct text* text, int* output)
{
    int ends[2];
    if (pipe(ends) < 0)
        err(1, "pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        write_all(path, 0, text, 1);
        fflush(stdout);
        _exit(0);
    }
    close(ends[1]);
    *output = ends[0];
    return child;
}

static void outcome(pid_t child, int output, char* line, size_t size)
{
    ssize_t length = read(output, line, size - 1);
    line[length < 0 ? 0 : length] = '\0';
    close(output);
    waitpid(child, NULL, 0);
}

static int by_text(const void* a, const void* b)
{
    return strcmp(a, b);
}

static void race(const struct text* text, const struct text* paths, int count)
{
    pid_t children[max_words];
    int outputs[max_words];
    char lines[max_words][64];
    for (int i = 0; i < count; ++i)
        children[i] = write_in_background(paths[i].bytes, text, &outputs[i]);
    for (int i = 0; i < count; ++i)
        outcome(children[i], outputs[i], lines[i], sizeof lines[i]);
    qsort(lines, (size_t)count, sizeof lines[0], by_text);
    for (int i = 0; i < count; ++i)
        printf("%s", lines[i]);
}

static bool writer_has_ended(void)
{
    siginfo_t info = {.si_pid = 0};
    waitid(P_PID, (id_t)writer, &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
}

static void start_blocked(const char* path, const struct text* text)
{
    writer = write_in_background(path, text, &writer_output);
    while (!writer_has_ended() && access(below_root(path), F_OK) == 0)
        usleep(10000);
    sleep(1);
    printf("  %s\n", writer_has_ended() ? "ended" : "blocked");
}

static void finish(void)
{
    char line[64];
    outcome(writer, writer_output, line, sizeof line);
    printf("%s", line);
}

// Operations that the kernel and the simulated kernel need different calls for

static void control(const char* order, const char* operand)
{
    struct text text;
    text.length = (size_t)snprintf(
        text.bytes, sizeof text.bytes, "%s %s", order, operand);
    int fd = open(below_root(".mdevsim/control"), O_WRONLY);
    if (fd < 0 || write(fd, text.bytes, text.length) < 0)
        err(1, "%s", text.bytes);
    close(fd);
}

static pid_t start(const char* program, const char* operand, int output)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (output >= 0)
            dup2(output, STDOUT_FILENO);
        execlp(program, program, operand, (char*)NULL);
        err(1, "%s", program);
    }
    return child;
}

static void run(const char* program, const char* operand)
{
    int status = 0;
    waitpid(start(program, operand, -1), &status, 0);
    if (status != 0)
        errx(1, "%s %s failed", program, operand);
}

static void load(const char* driver)
{
    char parent[128];
    snprintf(parent, sizeof parent, "%s=%s", driver, driver);
    if (simulated)
        control("add-parent", parent);
    else
        run("modprobe", driver);
}

static void unload(const char* driver)
{
    if (simulated)
        control("remove-parent", driver);
    else
        run("rmmod", driver);
}

static void hold(const char* uuid)
{
    if (simulated) {
        control("hold", uuid);
        return;
    }
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        err(1, "pipe");
    holder = start("hold", uuid, ends[1]);
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        errx(1, "cannot hold %s", uuid);
    close(ends[0]);
}

static void release(const char* uuid)
{
    if (simulated) {
        control("release", uuid);
        return;
    }
    kill(holder, SIGTERM);
    waitpid(holder, NULL, 0);
}

static void let(const char* name, const char* value)
{
    struct name* free_one = names;
    while (free_one < names + max_names && free_one->name[0])
        ++free_one;
    if (free_one == names + max_names)
        errx(1, "too many names");
    snprintf(free_one->name, sizeof free_one->name, "%s", name);
    snprintf(free_one->value, sizeof free_one->value, "%s", value);
}

static bool is(const struct text* word, const char* operation)
{
    return strcmp(word->bytes, operation) == 0;
}

// Returns whether an operation with this name and number of words exists.
static bool perform_alone(const struct text* words)
{
    if (is(words, "close"))
        close(kept);
    else if (is(words, "finish"))
        finish();
    else
        return false;
    return true;
}

static bool perform_on_one(const struct text* words)
{
    const char* operand = words[1].bytes;
    if (is(words, "load"))
        load(operand);
    else if (is(words, "unload"))
        unload(operand);
    else if (is(words, "open"))
        keep_open(operand);
    else if (is(words, "put"))
        write_once(kept, &words[1]);
    else if (is(words, "read"))
        read_file(operand);
    else if (is(words, "list"))
        list(operand);
    else if (is(words, "stat"))
        show_status(operand);
    else if (is(words, "tree"))
        show_tree(below_root(operand), operand);
    else if (is(words, "hold"))
        hold(operand);
    else if (is(words, "release"))
        release(operand);
    else
        return false;
    return true;
}

static bool perform_on_many(const struct text* words, int count)
{
    const char* operand = words[1].bytes;
    if (is(words, "let"))
        let(operand, words[2].bytes);
    else if (is(words, "write"))
        write_all(operand, 0, words + 2, count - 2);
    else if (is(words, "truncate"))
        write_all(operand, O_CREAT | O_TRUNC, words + 2, 1);
    else if (is(words, "nobody"))
        write_as_nobody(operand, &words[2]);
    else if (is(words, "race"))
        race(&words[1], words + 2, count - 2);
    else if (is(words, "blocked"))
        start_blocked(operand, &words[2]);
    else
        return false;
    return true;
}

static bool perform(const struct text* words, int count)
{
    switch (count) {
    case 1: return perform_alone(words);
    case 2: return perform_on_one(words);
    default: return perform_on_many(words, count);
    }
}

static void perform_all(FILE* operations)
{
    static char line[PATH_MAX];
    static struct text words[max_words];
    while (fgets(line, sizeof line, operations)) {
        line[strcspn(line, "\n")] = '\0';
        puts(line);
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!perform(words, split(line, words)))
            errx(1, "what is this? %s", line);
        fflush(stdout);
    }
}

int main(int count, char** words)
{
    simulated = count == 4 && strcmp(words[1], "--simulated") == 0;
    if (count != 3 + simulated)
        errx(2, "usage: operations [--simulated] SYSFS LIST");
    root = words[1 + simulated];
    FILE* operations = fopen(words[2 + simulated], "r");
    if (!operations)
        err(1, "%s", words[2 + simulated]);
    perform_all(operations);
    return 0;
}
