/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MDEV_H
#define MDEV_H

/**
 * @file
 * Mediated devices of the Linux kernel, for C: list, start, stop and store
 * them.
 *
 * This is the C++ library libmdev for programs that are written in C, or are
 * built without exceptions. It has the same classes and uses the same words.
 * Link with the flags that `pkg-config --cflags --libs libmdev-c` prints.
 *
 * Names. A function is mdev_CLASS_METHOD: Device::set_attribute() is
 * mdev_device_set_attribute(). The class MdevType is mdev_type here. Where C++
 * has several functions of one name, C has a name for each.
 *
 * Handles. A handle is a pointer to an opaque struct, an object of a class. The
 * prototype of a function shows who owns a handle:
 *
 *   Given: a function that makes, reads or looks up something stores a handle
 *   in its last argument, `mdev_CLASS** out`. The caller owns that handle and
 *   frees it with mdev_CLASS_free().
 *   Lent: a function that returns a `const ...*` (a handle, a UUID, text)
 *   returns a part of the handle in its first argument. The caller never frees
 *   the part. The part is valid until that handle is freed or changed. A handle
 *   that a callback receives is lent until the callback returns.
 *
 * To keep a lent handle, copy it: mdev_CLASS_copy() gives a handle of the same
 * contents. Only definitions, specs, filters and lists can be changed. Handles
 * do not depend on each other: a device remains valid after the environment in
 * which it was found has been freed. The caller still owns each argument; the
 * library copies what it needs. Do not call free() on anything that this
 * library has allocated.
 *
 * Text is bytes that end with a NUL.
 *
 * Results. A function that returns int returns 0 on success, or a negative code
 * on failure. This is one of enum mdev_errc, or -errno if the kernel's number
 * describes the failure best. A function that fails has changed nothing, unless
 * its description says otherwise, and stores NULL in its last argument. A
 * question (mdev_..._is_..., mdev_..._has_...) returns 1 or 0, or a negative
 * code. A function that returns a pointer returns NULL on failure; a function
 * that returns a size returns 0. "Not found" is not an error for functions that
 * look something up: they return 0 and store NULL.
 *
 * Errors. After a failure, mdev_last_error_code() and similar functions give
 * the details to the calling thread. Only the next failure in the same thread
 * changes their results. Unless said otherwise, every function may fail with
 * the codes of bad arguments (see below), with -ENOMEM, and with an error of
 * the kernel.
 *
 * Bad arguments. NULL fails with -EINVAL everywhere, except where the
 * description allows NULL, and in free functions, which ignore it. A number
 * that is not in the enumeration and a negative time fail with -EINVAL as well.
 * A name that could leave its directory fails with MDEV_ERRC_INVALID_NAME. The
 * behavior is undefined if a handle is used after it was freed.
 *
 * Enumerations are passed as int, so that a number that is not one of theirs
 * can be refused. Times are milliseconds; MDEV_NO_LIMIT means without limit.
 *
 * Threads. Any thread may use any handle, and several threads may use one
 * handle, unless one of them changes or frees it. Definitions, specs and lists,
 * which can be changed, are for one thread at a time, or for several that only
 * read. Cancel a call with mdev_environment_with_cancel(), not with
 * pthread_cancel().
 *
 * Versions. Functions that were added after version 2.0 say so in their
 * description, for example "Since: 2.1".
 *
 * Callbacks are called in the thread that calls the library, unless their type
 * says otherwise. A callback must return: it must not call longjmp() or throw.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors and version ------------------------------------------------- */

/** The version of this header, as a string literal. */
#define MDEV_VERSION "2.0.0"
/** The numbers of the version of this header. */
#define MDEV_VERSION_MAJOR 2
#define MDEV_VERSION_MINOR 0
#define MDEV_VERSION_PATCH 0
/** Whether this header has that version or a later one, for `#if`. */
#define MDEV_VERSION_AT_LEAST(major, minor, patch) \
    (MDEV_VERSION_MAJOR * 1000000 + MDEV_VERSION_MINOR * 1000 + \
            MDEV_VERSION_PATCH >= \
        (major) * 1000000 + (minor) * 1000 + (patch))

/** The reason of a failure, if the library knows more than an errno. Numbers
 * are never reused. All are at most -10000, below every negative errno. */
enum mdev_errc {
    /** An error for which this interface has no code. */
    MDEV_ERRC_UNEXPECTED = -10000,
    /** No definition of that UUID (and parent). */
    MDEV_ERRC_NOT_DEFINED = -10001,
    MDEV_ERRC_NOT_ACTIVE = -10002, /**< No active device of that UUID. */
    /** That UUID is already defined under that parent. */
    MDEV_ERRC_ALREADY_DEFINED = -10003,
    MDEV_ERRC_ALREADY_ACTIVE = -10004, /**< That UUID is active. */
    /** The kernel has no parent of that name. */
    MDEV_ERRC_NO_SUCH_PARENT = -10005,
    /** The parent does not offer that type. */
    MDEV_ERRC_NO_SUCH_TYPE = -10006,
    /** The parent has no available instance. */
    MDEV_ERRC_NO_INSTANCE_LEFT = -10007,
    /** Several definitions match; a parent is needed. */
    MDEV_ERRC_AMBIGUOUS = -10008,
    /** A name that could leave its directory. */
    MDEV_ERRC_INVALID_NAME = -10009,
    /** A malformed or invalid definition. */
    MDEV_ERRC_INVALID_DEFINITION = -10010,
    MDEV_ERRC_INVALID_INDEX = -10011, /**< A number beyond the end of a list. */
    /** A callout script rejected the operation. */
    MDEV_ERRC_CALLOUT_REJECTED = -10012,
    MDEV_ERRC_NOT_SUPPORTED = -10013, /**< No script or driver can do that. */
    /** A time limit of the environment has passed. */
    MDEV_ERRC_TIMED_OUT = -10014,
    MDEV_ERRC_PARTIAL_FAILURE = -10015, /**< Some of several devices failed. */
    MDEV_ERRC_INCOMPLETE = -10016, /**< Not enough was specified. */
    /** A command would wait for its own caller. */
    MDEV_ERRC_LOCK_HELD = -10017,
    /** Cancelled through the environment's descriptor. */
    MDEV_ERRC_CANCELLED = -10018,
    /** A process has the device open. */
    MDEV_ERRC_IN_USE = -10019
};

/** Returns the code of this thread's last failure; 0 before the first
 * failure. */
int mdev_last_error_code(void);
/** Returns one sentence for an administrator, without a final newline: what
 * failed, on what, and why. Valid until this thread's next failure; never
 * NULL. */
const char* mdev_last_error_message(void);
/** Returns the path, UUID, name or argument that the failure is about; may be
 * empty. Valid until this thread's next failure; never NULL. */
const char* mdev_last_error_subject(void);
/** Returns the kernel's own error, a positive errno; 0 if the kernel was not
 * involved. It is also known for some failures whose code is an mdev_errc. */
int mdev_last_error_errno(void);

/** Returns the visible processes that have the device open, after
 * MDEV_ERRC_IN_USE. Also after MDEV_ERRC_CANCELLED and MDEV_ERRC_TIMED_OUT, if
 * these ended a wait for the processes. Otherwise returns an empty list. Valid
 * until this thread's next failure; never NULL. */
const struct mdev_device_user_list* mdev_last_error_users(void);

/** Returns the results of the devices that failed, after a command for several
 * devices, for example with MDEV_ERRC_PARTIAL_FAILURE; otherwise an empty list.
 * Valid until this thread's next failure; never NULL. */
const struct mdev_outcome_list* mdev_last_error_outcomes(void);

/** Returns the results of this thread's last command of a manager, also if the
 * command failed. There is one result for each device, in the order in which a
 * listener receives them. A command that a listener has called does not count.
 * Valid until this thread's next command; never NULL. */
const struct mdev_outcome_list* mdev_last_outcomes(void);

/** Returns the version of the libmdev that is loaded, a static string; never
 * NULL. */
const char* mdev_version(void);

/* ---- Opaque handles ----------------------------------------------------- */

/** The root directory, the log callback and the time limits. */
typedef struct mdev_environment mdev_environment;
/** Hardware that can be divided into mediated devices. */
typedef struct mdev_parent_device mdev_parent_device;
/** A kind of device that a parent offers. */
typedef struct mdev_type mdev_type;
/** An active device. */
typedef struct mdev_device mdev_device;
/** A process that has a device open. */
typedef struct mdev_device_user mdev_device_user;
/** The contents of a definition file; can be changed. */
typedef struct mdev_definition mdev_definition;
/** As much of a device as a caller specifies; can be changed. */
typedef struct mdev_device_spec mdev_device_spec;
/** The definitions on disk. */
typedef struct mdev_config_store mdev_config_store;
/** Excludes the store's other writers until it is freed. */
typedef struct mdev_store_lock mdev_store_lock;
/** The vendors' callout scripts and notifiers. */
typedef struct mdev_callout_engine mdev_callout_engine;
/** The answer of one script. */
typedef struct mdev_callout_result mdev_callout_result;
/** The commands. */
typedef struct mdev_manager mdev_manager;
/** Which events a monitor reports; can be changed. */
typedef struct mdev_event_filter mdev_event_filter;
/** Reports events. */
typedef struct mdev_monitor mdev_monitor;
/** One event. */
typedef struct mdev_event mdev_event;

/** Everything that is known about one device. */
typedef struct mdev_device_status mdev_device_status;
/** One problem of the system. */
typedef struct mdev_finding mdev_finding;

/** The result of a command for one device. */
typedef struct mdev_outcome mdev_outcome;
/** One device of a host state; can be changed. */
typedef struct mdev_host_device mdev_host_device;
/** The definitions and active devices that a host has or should have. */
typedef struct mdev_host_state mdev_host_state;
/** One remark about a callout script. */
typedef struct mdev_script_remark mdev_script_remark;
/** A device in a list: an active device or a definition. */
typedef struct mdev_listed_device mdev_listed_device;

/** Text that a function gives. */
typedef struct mdev_string mdev_string;
/** A list of text; can be changed. */
typedef struct mdev_string_list mdev_string_list;
/** A list of attributes, which are names and values; can be changed. */
typedef struct mdev_attribute_list mdev_attribute_list;
/** A list of parents; can be changed. */
typedef struct mdev_parent_device_list mdev_parent_device_list;
/** A list of types. */
typedef struct mdev_type_list mdev_type_list;
/** A list of active devices. */
typedef struct mdev_device_list mdev_device_list;
/** A list of processes that have a device open. */
typedef struct mdev_device_user_list mdev_device_user_list;
/** A list of definitions; can be changed. */
typedef struct mdev_definition_list mdev_definition_list;
/** A list of scripts' answers. */
typedef struct mdev_callout_result_list mdev_callout_result_list;
/** A list of events. */
typedef struct mdev_event_list mdev_event_list;
/** A list of devices of a host state; can be changed. */
typedef struct mdev_host_device_list mdev_host_device_list;
/** A list of results. */
typedef struct mdev_outcome_list mdev_outcome_list;
/** A list of findings. */
typedef struct mdev_finding_list mdev_finding_list;
/** A list of remarks. */
typedef struct mdev_script_remark_list mdev_script_remark_list;
/** A list of listed devices. */
typedef struct mdev_listed_device_list mdev_listed_device_list;

/* ---- UUIDs -------------------------------------------------------------- */

/** The name of a mediated device: a value of 16 bytes, the leftmost first. Any
 * 16 bytes are a UUID; the nil UUID is all zero. This is the only struct whose
 * members are public, and it never changes. */
typedef struct mdev_uuid {
    unsigned char bytes[16]; /**< The leftmost first. */
} mdev_uuid;

/** The size of a UUID's text, including its final NUL. */
#define MDEV_UUID_SIZE 37

/** Makes a new random (version 4) UUID. */
int mdev_uuid_random(mdev_uuid* uuid);
/** Makes the name-based (version 5, SHA-1, RFC 4122) UUID of `name` in the
 * namespace `space`. Equal arguments always make equal UUIDs. `space` may be
 * NULL: this is the namespace of this project, which state files and Ansible
 * playbooks use for devices that have only a name. */
int mdev_uuid_from_name(
    const mdev_uuid* space, const char* name, mdev_uuid* uuid);
/** Reads `8-4-4-4-12`, 32 digits, `{8-4-4-4-12}` or `urn:uuid:8-4-4-4-12`,
 * with digits in any letter case. Fails with -EINVAL if `text` is anything
 * else, and leaves `uuid` unchanged. */
int mdev_uuid_parse(const char* text, mdev_uuid* uuid);
/** Writes the UUID into the caller's array: lower case, `8-4-4-4-12`, which is
 * the kernel's spelling, and a NUL. */
int mdev_uuid_string(const mdev_uuid* uuid, char text[MDEV_UUID_SIZE]);
/** Returns a negative number, 0 or a positive number if `a` sorts before `b`,
 * is equal to `b`, or sorts after `b`. The order is bytewise, like that of the
 * text. Either may be NULL, which sorts before every UUID. */
int mdev_uuid_compare(const mdev_uuid* a, const mdev_uuid* b);

/* ---- Text and lists of text --------------------------------------------- */

/** Returns the text. */
const char* mdev_string_text(const mdev_string* string);
/** Returns the length of the text without the final NUL. */
size_t mdev_string_size(const mdev_string* string);
/** Frees the text; NULL is ignored. */
void mdev_string_free(mdev_string* string);

/** Returns the number of items. */
size_t mdev_string_list_count(const mdev_string_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const char* mdev_string_list_at(const mdev_string_list* list, size_t index);
/** Makes an empty list. */
int mdev_string_list_new(mdev_string_list** made);
/** Appends text to the list. */
int mdev_string_list_append(mdev_string_list* list, const char* text);
/** Gives a list of the same contents. */
int mdev_string_list_copy(
    const mdev_string_list* list, mdev_string_list** copy);
/** Frees the list and its contents; NULL is ignored. */
void mdev_string_list_free(mdev_string_list* list);

/** How a list is laid out as JSON. Numbers are never reused. */
enum mdev_json_format {
    /** The format of mdevctl 1.x, nested by parent. */
    MDEV_JSON_COMPATIBLE = 1,
    MDEV_JSON_FLAT = 2 /**< `{"version": 1, ...}` and an array of objects. */
};

/** The framework with which a parent creates devices. New frameworks are
 * appended. */
enum mdev_framework {
    /** The kernel's bus of mediated devices. */
    MDEV_FRAMEWORK_MDEV = 1,
    /** Files of a vendor, below a virtual PCI function. */
    MDEV_FRAMEWORK_VENDOR_VFIO = 2
};
/** Returns the word of one of enum mdev_framework, `mdev` or `vendor-vfio`; a
 * static string. */
const char* mdev_framework_word(int framework);

/* ---- The environment ---------------------------------------------------- */

/** No time limit, for any argument that is a time. */
#define MDEV_NO_LIMIT LONG_MAX

/** How important a log message is, the most important first. */
enum mdev_log_level {
    MDEV_LOG_ERROR = 0, /**< A part of a command has failed. */
    /** Something is wrong, and was omitted or ignored. */
    MDEV_LOG_WARNING = 1,
    MDEV_LOG_INFO = 2, /**< Background that may explain a result. */
    MDEV_LOG_DEBUG = 3, /**< Each step. */
    MDEV_LOG_TRACE = 4 /**< Currently unused. */
};

/** Receives the library's log messages: one sentence each, no final newline,
 * valid during the call. Any thread that calls the library may call it, and
 * during such a call the library's own threads. Several threads may call it at
 * the same time. */
typedef void (*mdev_log_function)(
    int level, const char* message, void* user_data);

/** Makes an environment: the root directory, the log callback and the time
 * limits. Every path is relative to `root`, which may be NULL for `/`, the real
 * system. There is no log callback, and the time limits are the defaults. An
 * environment never changes: each mdev_environment_with_...() gives a changed
 * copy. */
int mdev_environment_new(const char* root, mdev_environment** made);
/** Gives another handle of the same contents. */
int mdev_environment_copy(const mdev_environment* env, mdev_environment** copy);
/** Frees the handle; NULL is ignored. */
void mdev_environment_free(mdev_environment* env);

/** Gives a copy for a system below another root directory. */
int mdev_environment_with_root(
    const mdev_environment* env, const char* root, mdev_environment** changed);
/** Gives a copy whose definitions are in `directory`, wherever the root is. */
int mdev_environment_with_config_directory(const mdev_environment* env,
    const char* directory, mdev_environment** changed);
/** Gives a copy whose scripts are in the subdirectories `callouts` and
 * `notifiers` of the directories in `list`, in this search order, wherever the
 * root is. Without directories there are no scripts. */
int mdev_environment_with_script_directories(const mdev_environment* env,
    const mdev_string_list* list, mdev_environment** changed);
/** Gives a copy whose log callback is `log`, or NULL for none. The callback
 * receives `user_data`, which may be NULL, unchanged. The caller owns
 * `user_data`, which must be valid until the last handle that was made with
 * that environment has been freed. */
int mdev_environment_with_log(const mdev_environment* env,
    mdev_log_function log, void* user_data, mdev_environment** changed);
/** Gives a copy that waits up to `milliseconds` for the store's lock. The
 * default is 60 s. 0 does not wait at all. */
int mdev_environment_with_lock_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** Gives a copy that lets each callout script or notifier run up to
 * `milliseconds`. The default is 60 s. */
int mdev_environment_with_script_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** Gives a copy that waits up to `milliseconds` for a callout script that is
 * serving another command of this process. The default is 10 min. 0 does not
 * wait at all. */
int mdev_environment_with_callout_lock_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** Gives a copy that can be cancelled. When `descriptor` becomes readable,
 * scripts are ended. A command fails with MDEV_ERRC_CANCELLED if it waits for
 * the store's lock, a callout script, a late parent or a pipe. Only `post` and
 * the notifiers still run, up to two seconds each. Use an eventfd or a
 * signalfd, for example. The caller owns the descriptor and must keep it open.
 * -1 means none; a lower number fails with -EINVAL. */
int mdev_environment_with_cancel(
    const mdev_environment* env, int descriptor, mdev_environment** changed);
/** Gives a copy whose commands end `milliseconds` from now as if they were
 * cancelled, but fail with MDEV_ERRC_TIMED_OUT. Use this limit for a request
 * that must be answered in time, whatever the other limits are. */
int mdev_environment_with_deadline(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** Gives a copy for a program that was started by a script whose caller may
 * hold the store's lock. If an ancestor of this process holds the lock, a wait
 * would never end. Locking the store then fails with MDEV_ERRC_LOCK_HELD at
 * once. The script finds the root of the locked store in the environment
 * variable `MDEVCTL_LOCKED_ROOT`. */
int mdev_environment_with_lock_held(
    const mdev_environment* env, mdev_environment** changed);

/** Passes one sentence to the log callback. `level` is one of enum
 * mdev_log_level. */
int mdev_environment_log(
    const mdev_environment* env, int level, const char* message);

/** Returns the root directory. */
const char* mdev_environment_root(const mdev_environment* env);
/** Returns `ROOT/sys/class/mdev_bus`, the directory of parent devices. */
const char* mdev_environment_parents_directory(const mdev_environment* env);
/** Returns `ROOT/sys/bus/mdev/devices`, the directory of active devices. */
const char* mdev_environment_devices_directory(const mdev_environment* env);
/** Returns the directory of definitions: `ROOT/etc/mdevctl.d`, or that of
 * mdev_environment_with_config_directory(). */
const char* mdev_environment_definitions_directory(const mdev_environment* env);
/** Returns the directories of callout scripts, in the order in which they are
 * searched. */
const mdev_string_list* mdev_environment_callout_directories(
    const mdev_environment* env);
/** Returns the directories of notifiers, in the order in which they are
 * searched. */
const mdev_string_list* mdev_environment_notifier_directories(
    const mdev_environment* env);
/** Returns how long to wait for the store's lock, in milliseconds, or a
 * negative code. */
long mdev_environment_lock_timeout(const mdev_environment* env);
/** Returns the time limit of a script, in milliseconds, or a negative code. */
long mdev_environment_script_timeout(const mdev_environment* env);
/** Returns how long to wait for a callout script, in milliseconds, or a
 * negative code. */
long mdev_environment_callout_lock_timeout(const mdev_environment* env);

/* ---- Parent devices and what they offer --------------------------------- */

/** Finds the parent of that name; NULL if the kernel has none. Fails with
 * MDEV_ERRC_INVALID_NAME if no parent can have that name. */
int mdev_parent_device_find(
    const char* name, const mdev_environment* env, mdev_parent_device** found);
/** Gives every parent, sorted by name bytewise; an empty list if the kernel
 * has no mediated devices. */
int mdev_parent_device_all(
    const mdev_environment* env, mdev_parent_device_list** all);
/** Finds the parent with the name `spelling`, in any letter case; NULL if the
 * kernel has none. Besides the parent's name, which is preferred, `spelling`
 * may be one of mdev_parent_device_other_names(), a PCI address without its
 * domain (`00:02.0`) or with the domain of nvidia-smi (`00000000:00:02.0`). It
 * may be the name of libvirt's node device (`pci_0000_00_02_0`, `css_0_0_0313`,
 * `ap_matrix`), or a path whose last component is one of these names. Fails
 * with MDEV_ERRC_AMBIGUOUS or MDEV_ERRC_INVALID_NAME. */
int mdev_parent_device_resolve(const char* spelling,
    const mdev_environment* env, mdev_parent_device** found);
/** Returns the parent's name. */
const char* mdev_parent_device_name(const mdev_parent_device* parent);
/** Returns the parent's entry in mdev_environment_parents_directory(). */
const char* mdev_parent_device_path(const mdev_parent_device* parent);
/** Gives the parent's own directory, below `/sys/devices`, without symbolic
 * links. Fails with MDEV_ERRC_NO_SUCH_PARENT if the parent has disappeared. */
int mdev_parent_device_real_path(
    const mdev_parent_device* parent, mdev_string** path);
/** Gives the name of the parent's driver; empty if the parent has none. Fails
 * with MDEV_ERRC_NO_SUCH_PARENT. */
int mdev_parent_device_driver(
    const mdev_parent_device* parent, mdev_string** driver);
/** Gives the name of the parent's bus or class, such as `pci`; empty if the
 * parent has none. Fails with MDEV_ERRC_NO_SUCH_PARENT. */
int mdev_parent_device_subsystem(
    const mdev_parent_device* parent, mdev_string** subsystem);
/** Gives the other names by which the kernel knows the parent: of an s390
 * subchannel, the number of the device behind it, such as `0.0.0002`. Fails
 * with MDEV_ERRC_NO_SUCH_PARENT. */
int mdev_parent_device_other_names(
    const mdev_parent_device* parent, mdev_string_list** names);
/** Gives the active devices of the parent, sorted by UUID; an empty list if the
 * parent has disappeared. */
int mdev_parent_device_devices(
    const mdev_parent_device* parent, mdev_device_list** devices);
/** Returns one of enum mdev_framework, to which later versions may add, or a
 * negative code. */
int mdev_parent_device_framework(const mdev_parent_device* parent);
/** Gives the types that the driver offers now, sorted by id. Types that cannot
 * be read are omitted with a warning in the log. */
int mdev_parent_device_types(
    const mdev_parent_device* parent, mdev_type_list** types);
/** Finds one type by its id; NULL if the parent does not offer the type. Fails
 * if the parent has no types at all or if the type cannot be read. */
int mdev_parent_device_type(
    const mdev_parent_device* parent, const char* id, mdev_type** found);
/** Finds the type with the id or the vendor's name `spelling`, such as `GRID
 * T4-1Q`; NULL if the parent offers no such type. The letter case does not
 * matter, unless several types differ only in letter case. Fails like
 * mdev_parent_device_type(), and with MDEV_ERRC_AMBIGUOUS. */
int mdev_parent_device_resolve_type(
    const mdev_parent_device* parent, const char* spelling, mdev_type** found);
/** Returns 1 if both are the same parent, below the same root directory;
 * otherwise 0. */
int mdev_parent_device_is_equal(
    const mdev_parent_device* a, const mdev_parent_device* b);
/** Gives another handle of the same contents. */
int mdev_parent_device_copy(
    const mdev_parent_device* parent, mdev_parent_device** copy);
/** Frees the handle; NULL is ignored. */
void mdev_parent_device_free(mdev_parent_device* parent);

/** Makes an empty list. */
int mdev_parent_device_list_new(mdev_parent_device_list** made);
/** Appends a copy of the handle to the list. */
int mdev_parent_device_list_append(
    mdev_parent_device_list* list, const mdev_parent_device* parent);
/** Returns the number of items. */
size_t mdev_parent_device_list_count(const mdev_parent_device_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_parent_device* mdev_parent_device_list_at(
    const mdev_parent_device_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_parent_device_list_free(mdev_parent_device_list* list);

/** Gives the output of `mdevctl types`, without the final newline. `format` is
 * one of enum mdev_json_format. MDEV_JSON_COMPATIBLE is the output of
 * `--dumpjson`: `[]`, or an array of one object that maps each parent to an
 * array of `{TYPE: {...}}`. MDEV_JSON_FLAT is the output of `--json`:
 * `{"version": 1, "types": [{"parent", "id", "name", "description",
 * "device_api", "available_instances", "framework"}...]}`. */
int mdev_parent_device_list_to_json(
    const mdev_parent_device_list* list, int format, mdev_string** json);

/** Returns the type's id, such as `i915-GVTg_V5_4`, by which the kernel and the
 * definitions name the type. A type is a snapshot: its properties are those at
 * the time of the call that gave it. */
const char* mdev_type_id(const mdev_type* type);
/** Returns the parent's name. */
const char* mdev_type_parent(const mdev_type* type);
/** Returns how many more devices of the type can be made, or a negative
 * code. */
int64_t mdev_type_available_instances(const mdev_type* type);
/** Returns the device API, such as `vfio-pci`. */
const char* mdev_type_device_api(const mdev_type* type);
/** Returns the vendor's name for the type; empty if the driver has none. */
const char* mdev_type_name(const mdev_type* type);
/** Returns the vendor's description, its lines joined by `, `; may be empty. */
const char* mdev_type_description(const mdev_type* type);
/** Returns the type's directory. */
const char* mdev_type_path(const mdev_type* type);
/** Gives the types called `spelling` of which another device can be created,
 * sorted by parent. `spelling` is an id or the vendor's name.
 * mdev_type_parent() is then a parent with an available instance. Types that
 * cannot be read are omitted with a warning in the log. */
int mdev_type_all_available(
    const char* spelling, const mdev_environment* env, mdev_type_list** types);
/** Creates a device of this type in the kernel and returns when the device
 * exists. `device`, or NULL, takes the device. Fails with
 * MDEV_ERRC_ALREADY_ACTIVE, MDEV_ERRC_NO_INSTANCE_LEFT, or an error of the
 * kernel; mdev_last_error_errno() always has the kernel's number. */
int mdev_type_create(
    const mdev_type* type, const mdev_uuid* uuid, mdev_device** device);
/** Gives another handle of the same contents. */
int mdev_type_copy(const mdev_type* type, mdev_type** copy);
/** Frees the handle; NULL is ignored. */
void mdev_type_free(mdev_type* type);

/** Returns the number of items. */
size_t mdev_type_list_count(const mdev_type_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_type* mdev_type_list_at(const mdev_type_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_type_list_free(mdev_type_list* list);

/* ---- Active devices ----------------------------------------------------- */

/** Finds the active device of that UUID; NULL if there is none. Fails if the
 * kernel shows a device that cannot be read. */
int mdev_device_find(
    const mdev_uuid* uuid, const mdev_environment* env, mdev_device** found);
/** Gives every active device, sorted by parent (bytewise) and UUID. Devices
 * that disappear during the call are omitted. Devices that cannot be read are
 * omitted with a warning in the log. */
int mdev_device_all(const mdev_environment* env, mdev_device_list** all);
/** Returns the device's UUID. */
const mdev_uuid* mdev_device_uuid(const mdev_device* device);
/** Returns the name of the parent device. */
const char* mdev_device_parent(const mdev_device* device);
/** Returns the id of the mdev type. */
const char* mdev_device_type_id(const mdev_device* device);
/** Returns one of enum mdev_framework, to which later versions may add, or a
 * negative code. */
int mdev_device_framework(const mdev_device* device);
/** Returns the device's entry in mdev_environment_devices_directory(). */
const char* mdev_device_path(const mdev_device* device);
/** Gives the device's own directory, below that of its parent, without symbolic
 * links. Fails with MDEV_ERRC_NOT_ACTIVE. */
int mdev_device_real_path(const mdev_device* device, mdev_string** path);
/** Gives the number of the device's IOMMU group; empty if the device has none.
 * Fails with MDEV_ERRC_NOT_ACTIVE. */
int mdev_device_iommu_group(const mdev_device* device, mdev_string** group);
/** Gives the VFIO device files that a virtual machine opens: `/dev/vfio/GROUP`,
 * and `/dev/vfio/devices/vfioN` if the kernel has a character device for each
 * VFIO device. Fails with MDEV_ERRC_NOT_ACTIVE. */
int mdev_device_device_files(
    const mdev_device* device, mdev_string_list** files);
/** Reads the attribute `name`, at most 64 KiB, without the final newline. The
 * name may be a path such as `power/control`, which never leaves the device's
 * directory. Fails with MDEV_ERRC_INVALID_NAME, MDEV_ERRC_NOT_ACTIVE, or an
 * error of the kernel. */
int mdev_device_attribute(
    const mdev_device* device, const char* name, mdev_string** value);
/** Writes the `size` bytes of `value`, unchanged and in one write, to the
 * attribute `name`. The name may be a path such as `power/control`, which never
 * leaves the device's directory. `value` may be NULL if `size` is 0. Fails with
 * MDEV_ERRC_INVALID_NAME, or with an error of the kernel, which is -ENODEV or
 * -ENOENT once the device has been removed. */
int mdev_device_set_attribute(const mdev_device* device, const char* name,
    const void* value, size_t size);
/** Gives the processes that have the device open and are visible in /proc: all
 * processes for root, except those of other PID namespaces. Fails with
 * MDEV_ERRC_NOT_ACTIVE. */
int mdev_device_users(const mdev_device* device, mdev_device_user_list** users);
/** Removes the device; the handle stays valid. If a process has the device
 * open, the kernel waits until the device is closed. After a second, a warning
 * in the log names the process, and the wait can be cancelled; the kernel
 * completes the removal later. Fails with MDEV_ERRC_NOT_ACTIVE, with
 * MDEV_ERRC_CANCELLED, or with an error of the kernel. */
int mdev_device_remove(const mdev_device* device);
/** Returns 1 if both are the same device, of the same type and below the same
 * root directory; otherwise 0. */
int mdev_device_is_equal(const mdev_device* a, const mdev_device* b);
/** Gives another handle of the same contents. */
int mdev_device_copy(const mdev_device* device, mdev_device** copy);
/** Frees the handle, whether or not the device is still active; NULL is
 * ignored. The device itself is not changed. */
void mdev_device_free(mdev_device* device);

/** Returns the number of items. */
size_t mdev_device_list_count(const mdev_device_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_device* mdev_device_list_at(
    const mdev_device_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_device_list_free(mdev_device_list* list);

/** Returns the number of the process. */
int mdev_device_user_pid(const mdev_device_user* user);
/** Returns the name of its program, shortened to 15 bytes by the kernel; empty
 * if unknown. */
const char* mdev_device_user_command(const mdev_device_user* user);
/** Gives another handle of the same contents. */
int mdev_device_user_copy(
    const mdev_device_user* user, mdev_device_user** copy);
/** Frees the handle; NULL is ignored. */
void mdev_device_user_free(mdev_device_user* user);

/** Returns the number of items. */
size_t mdev_device_user_list_count(const mdev_device_user_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_device_user* mdev_device_user_list_at(
    const mdev_device_user_list* list, size_t index);
/** Gives a list of the same contents. */
int mdev_device_user_list_copy(
    const mdev_device_user_list* list, mdev_device_user_list** copy);
/** Frees the list and its contents; NULL is ignored. */
void mdev_device_user_list_free(mdev_device_user_list* list);

/* ---- Attributes and definitions ----------------------------------------- */

/** Makes an empty list. */
int mdev_attribute_list_new(mdev_attribute_list** made);
/** Appends an attribute to the list: a name below the device, such as
 * `power/control`, and the value to write to it. A definition checks the
 * attributes when it receives them. */
int mdev_attribute_list_append(
    mdev_attribute_list* list, const char* name, const char* value);
/** Returns the number of items. */
size_t mdev_attribute_list_count(const mdev_attribute_list* list);
/** Returns the name of attribute number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last attribute. */
const char* mdev_attribute_list_name(
    const mdev_attribute_list* list, size_t index);
/** Returns the value of attribute number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last attribute. */
const char* mdev_attribute_list_value(
    const mdev_attribute_list* list, size_t index);
/** Gives a list of the same contents, which can be changed independently. */
int mdev_attribute_list_copy(
    const mdev_attribute_list* list, mdev_attribute_list** copy);
/** Frees the list and its contents; NULL is ignored. */
void mdev_attribute_list_free(mdev_attribute_list* list);

/** Whether a device is started when its parent appears. */
enum mdev_start_mode {
    MDEV_START_MANUAL = 0, /**< Only on request. */
    /** Also by mdev_manager_start_parent() and mdev_manager_start_all(). */
    MDEV_START_AUTOMATIC = 1
};

/** Makes a definition, in memory only: a device without attributes that is
 * started manually. Fails with MDEV_ERRC_INVALID_NAME. */
int mdev_definition_new(const mdev_uuid* uuid, const char* parent,
    const char* type_id, mdev_definition** made);
/** Reads the JSON text of a definition file: `{"mdev_type": ..., "start":
 * "auto"|"manual", "attrs": [{NAME: VALUE}...]}`. `attrs` may be missing.
 * Unknown members are preserved. Fails with MDEV_ERRC_INVALID_DEFINITION; the
 * subject of the error is `source`. */
int mdev_definition_from_json(const char* json, const mdev_uuid* uuid,
    const char* parent, const char* source, mdev_definition** made);
/** Reads a definition file, which may be a pipe such as `/dev/stdin`. The wait
 * for a pipe ends when `env`, which may be NULL, is cancelled or its deadline
 * has passed. Fails like mdev_definition_from_json(), if the file is larger
 * than 1 MiB, and with MDEV_ERRC_CANCELLED or MDEV_ERRC_TIMED_OUT. */
int mdev_definition_from_file(const char* file, const mdev_uuid* uuid,
    const char* parent, const mdev_environment* env, mdev_definition** made);

/** Returns the definition's UUID. */
const mdev_uuid* mdev_definition_uuid(const mdev_definition* definition);
/** Returns 1 if both have the same contents, unknown members included;
 * otherwise 0. */
int mdev_definition_is_equal(
    const mdev_definition* a, const mdev_definition* b);
/** Returns the name of the parent device. */
const char* mdev_definition_parent(const mdev_definition* definition);
/** Returns the id of the mdev type. */
const char* mdev_definition_type_id(const mdev_definition* definition);
/** Returns one of enum mdev_start_mode, or a negative code. */
int mdev_definition_start(const mdev_definition* definition);
/** Returns the attributes, in the order in which they are written to the
 * device. Names may repeat. */
const mdev_attribute_list* mdev_definition_attributes(
    const mdev_definition* definition);

/** Sets the type. Fails with MDEV_ERRC_INVALID_NAME. */
int mdev_definition_set_type_id(
    mdev_definition* definition, const char* type_id);
/** Sets the start mode to one of enum mdev_start_mode. */
int mdev_definition_set_start(mdev_definition* definition, int start);
/** Replaces all attributes. Fails with MDEV_ERRC_INVALID_NAME, or with
 * MDEV_ERRC_INVALID_DEFINITION if a value is not UTF-8. */
int mdev_definition_set_attributes(
    mdev_definition* definition, const mdev_attribute_list* attributes);
/** Appends an attribute. Fails as mdev_definition_set_attributes() does. */
int mdev_definition_append_attribute(
    mdev_definition* definition, const char* name, const char* value);
/** Inserts an attribute before attribute number `index`, which may be one past
 * the last. Fails as mdev_definition_set_attributes() does, and with
 * MDEV_ERRC_INVALID_INDEX if `index` is higher. */
int mdev_definition_insert_attribute(mdev_definition* definition, size_t index,
    const char* name, const char* value);
/** Removes attribute number `index`. Fails with MDEV_ERRC_INVALID_INDEX if
 * there is none. */
int mdev_definition_erase_attribute(mdev_definition* definition, size_t index);

/** Gives the text of the definition file: indented by two spaces a level,
 * ASCII only, no final newline. */
int mdev_definition_to_json(
    const mdev_definition* definition, mdev_string** json);
/** Gives a definition of the same contents, which can be changed
 * independently. */
int mdev_definition_copy(
    const mdev_definition* definition, mdev_definition** copy);
/** Frees the definition; NULL is ignored. */
void mdev_definition_free(mdev_definition* definition);

/** Makes an empty list. */
int mdev_definition_list_new(mdev_definition_list** made);
/** Appends a copy of the definition to the list. */
int mdev_definition_list_append(
    mdev_definition_list* list, const mdev_definition* definition);
/** Returns the number of items. */
size_t mdev_definition_list_count(const mdev_definition_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_definition* mdev_definition_list_at(
    const mdev_definition_list* list, size_t index);
/** Gives a list of the same contents, which can be changed independently. */
int mdev_definition_list_copy(
    const mdev_definition_list* list, mdev_definition_list** copy);
/** Frees the list and its contents; NULL is ignored. */
void mdev_definition_list_free(mdev_definition_list* list);

/** Gives the output of `mdevctl list --dumpjson`, without the final newline:
 * `[]`, or an array of one object that maps each parent to an array of `{UUID:
 * {...}}`, in the order of the list. Definitions of one parent must be next to
 * each other. */
int mdev_definition_list_to_json(
    const mdev_definition_list* list, mdev_string** json);

/** Makes a spec that specifies nothing. mdev_manager_define_spec() and
 * mdev_manager_start_spec() determine the rest. */
int mdev_device_spec_new(mdev_device_spec** made);
/** Sets the device's UUID. */
int mdev_device_spec_set_uuid(mdev_device_spec* spec, const mdev_uuid* uuid);
/** Sets the name of the parent device. */
int mdev_device_spec_set_parent(mdev_device_spec* spec, const char* parent);
/** Sets the id of the mdev type. */
int mdev_device_spec_set_type_id(mdev_device_spec* spec, const char* type_id);
/** Sets the start mode to one of enum mdev_start_mode. The default is
 * MDEV_START_MANUAL. mdev_manager_start_spec() ignores the start mode. */
int mdev_device_spec_set_start(mdev_device_spec* spec, int start);
/** Returns the UUID; NULL, which is not an error, if it is not specified. */
const mdev_uuid* mdev_device_spec_uuid(const mdev_device_spec* spec);
/** Returns the name of the parent; NULL, which is not an error, if it is not
 * specified. */
const char* mdev_device_spec_parent(const mdev_device_spec* spec);
/** Returns the id of the mdev type; NULL, which is not an error, if it is not
 * specified. */
const char* mdev_device_spec_type_id(const mdev_device_spec* spec);
/** Returns one of enum mdev_start_mode, or a negative code. */
int mdev_device_spec_start(const mdev_device_spec* spec);
/** Gives a spec of the same contents, which can be changed independently. */
int mdev_device_spec_copy(
    const mdev_device_spec* spec, mdev_device_spec** copy);
/** Frees the spec; NULL is ignored. */
void mdev_device_spec_free(mdev_device_spec* spec);

/* ---- The store ---------------------------------------------------------- */

/** Opens the definitions on disk: `/etc/mdevctl.d/PARENT/UUID`, one JSON file
 * each, named by its UUID in any letter case. Readers never wait: files are
 * replaced atomically, so that readers see either the old or the new
 * definition. */
int mdev_config_store_new(
    const mdev_environment* env, mdev_config_store** made);
/** Gives another handle of the same contents. */
int mdev_config_store_copy(
    const mdev_config_store* store, mdev_config_store** copy);
/** Frees the handle; NULL is ignored. */
void mdev_config_store_free(mdev_config_store* store);

/** Gives every definition, sorted by parent (bytewise) and UUID. Files that are
 * not valid definitions are omitted with a warning in the log. */
int mdev_config_store_all(
    const mdev_config_store* store, mdev_definition_list** all);
/** Gives the definitions of one parent; see mdev_config_store_all(). */
int mdev_config_store_of_parent(const mdev_config_store* store,
    const char* parent, mdev_definition_list** definitions);
/** Gives the definitions of one UUID; see mdev_config_store_all(). Each parent
 * may have one. */
int mdev_config_store_of_uuid(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_definition_list** definitions);
/** Gives the parents that have a file of that UUID, whether valid or not;
 * sorted. */
int mdev_config_store_parents_of(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_string_list** parents);
/** Finds a definition; NULL if that UUID is not defined under that parent.
 * Fails if it is defined, but its file cannot be read or is not valid. */
int mdev_config_store_find(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_definition** found);

/** Locks the store: excludes every other writer, in this and other processes,
 * until mdev_store_lock_free(). Waits for other writers up to the environment's
 * limit. Then fails with MDEV_ERRC_TIMED_OUT, and the message names the process
 * that holds the lock. The functions that write take the lock as proof that it
 * is held. They fail, with nothing changed, with -EINVAL for the lock of
 * another store, and with -ESTALE if the lock's file has been removed since. */
int mdev_config_store_lock(
    const mdev_config_store* store, mdev_store_lock** held);
/** Unlocks the store; NULL is ignored. Any thread may call this. */
void mdev_store_lock_free(mdev_store_lock* held);
/** Adds a definition. `held` is the store's lock. Fails with
 * MDEV_ERRC_ALREADY_DEFINED, or with an error of the kernel. */
int mdev_config_store_add(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held);
/** Adds or replaces a definition. `held` is the store's lock. */
int mdev_config_store_save(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held);
/** Removes a definition, and the parent's directory if that becomes empty.
 * `held` is the store's lock. `erased`, or NULL, takes 1 if there was a
 * definition, else 0. */
int mdev_config_store_erase(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, const mdev_store_lock* held,
    int* erased);
/** Gives the path of a definition's file, or the path that the file would
 * have. */
int mdev_config_store_path(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_string** path);

/* ---- Callout scripts ---------------------------------------------------- */

/** When a script is called; see mdevctl-callouts(7). */
enum mdev_callout_event {
    MDEV_CALLOUT_EVENT_GET = 0, /**< To ask the script a question. */
    /** Before the operation, which the script may reject. */
    MDEV_CALLOUT_EVENT_PRE = 1,
    MDEV_CALLOUT_EVENT_LIVE = 2, /**< To change the active device itself. */
    /** After the operation, whether or not it succeeded. */
    MDEV_CALLOUT_EVENT_POST = 3,
    MDEV_CALLOUT_EVENT_NOTIFY = 4 /**< To inform a notifier of the result. */
};

/** The operation on the device, or the question about it. */
enum mdev_callout_action {
    MDEV_CALLOUT_ACTION_START = 0, /**< The device is started. */
    MDEV_CALLOUT_ACTION_STOP = 1, /**< The device is stopped. */
    MDEV_CALLOUT_ACTION_DEFINE = 2, /**< The definition is added. */
    MDEV_CALLOUT_ACTION_UNDEFINE = 3, /**< The definition is removed. */
    /** The definition is changed; with `live`, the device. */
    MDEV_CALLOUT_ACTION_MODIFY = 4,
    /** With `get`: the attributes of the device. */
    MDEV_CALLOUT_ACTION_ATTRIBUTES = 5,
    /** With `get`: the events and actions that the script supports. */
    MDEV_CALLOUT_ACTION_CAPABILITIES = 6
};

/** The result of the operation itself. */
enum mdev_callout_state {
    /** The operation has not been done, or not yet. */
    MDEV_CALLOUT_STATE_NONE = 0,
    MDEV_CALLOUT_STATE_SUCCESS = 1, /**< The operation succeeded. */
    MDEV_CALLOUT_STATE_FAILURE = 2 /**< The operation failed. */
};

/** Lists the scripts as they are now. An engine finds the scripts, chooses the
 * one that serves a device, and calls it. The engine remembers the answers for
 * each parent and type; make a new engine to forget them. Fails if a directory
 * of scripts cannot be read. Scripts are direct children of the calling
 * process, run without a shell, and run up to the environment's limit. */
int mdev_callout_engine_new(
    const mdev_environment* env, mdev_callout_engine** made);
/** Gives another handle of the engine, which shares its memory. */
int mdev_callout_engine_copy(
    const mdev_callout_engine* engine, mdev_callout_engine** copy);
/** Frees the handle; NULL is ignored. */
void mdev_callout_engine_free(mdev_callout_engine* engine);

/** Gives a copy with the limits, the log and the cancel descriptor of `env`,
 * which shares the memory of the engine. If `env` has other directories of
 * scripts, the copy lists these and remembers nothing. */
int mdev_callout_engine_with_environment(const mdev_callout_engine* engine,
    const mdev_environment* env, mdev_callout_engine** changed);

/** Returns whether any callout script or notifier exists. */
int mdev_callout_engine_has_scripts(const mdev_callout_engine* engine);
/** Gives the path of the versioned script that alone serves devices like this
 * one; NULL if there is none, or if it is unknown because a script could not
 * report its capabilities. */
int mdev_callout_engine_versioned_script(const mdev_callout_engine* engine,
    const mdev_definition* definition, mdev_string** script);
/** Calls the scripts in order until one does not exit with status 2 ("not my
 * type"). NULL if all exit with 2, or if the versioned script does not list
 * this event or action. If a script could not report its capabilities, no
 * script is called, and the result is that failure. `event` is one of enum
 * mdev_callout_event, `action` one of enum mdev_callout_action. A rejection by
 * a script is an answer, not an error. */
int mdev_callout_engine_run(const mdev_callout_engine* engine, int event,
    int action, const mdev_definition* definition,
    mdev_callout_result** result);
/** Calls the `post` event of the script that served `pre`. `pre`, or NULL, is
 * a result of mdev_callout_engine_run(). `action` is one of enum
 * mdev_callout_action, `state` one of enum mdev_callout_state. */
int mdev_callout_engine_post(const mdev_callout_engine* engine,
    const mdev_callout_result* pre, int action, int state,
    const mdev_definition* definition, mdev_callout_result** result);
/** Calls every notifier, in order, except those that timed out before. `action`
 * is one of enum mdev_callout_action, `state` one of enum
 * mdev_callout_state. */
int mdev_callout_engine_notify(const mdev_callout_engine* engine, int action,
    int state, const mdev_definition* definition,
    mdev_callout_result_list** results);
/** Gives the attributes that the scripts report for an active device. Fails
 * with MDEV_ERRC_CALLOUT_REJECTED if the script fails or its answer is
 * invalid. */
int mdev_callout_engine_attributes(const mdev_callout_engine* engine,
    const mdev_definition* definition, mdev_attribute_list** attributes);
/** Replaces the attributes of each active device in the list by those that its
 * script reports. If a script fails, its device is not changed. A script is
 * called for one device after the other. If its capabilities allow parallel
 * calls, it is called for as many devices at a time as there are processors.
 * Fails with MDEV_ERRC_CANCELLED. */
int mdev_callout_engine_add_attributes(
    const mdev_callout_engine* engine, mdev_definition_list* list);
/** Returns the script's path. */
const char* mdev_callout_result_script(const mdev_callout_result* result);
/** Returns whether the script exited with status 0. */
int mdev_callout_result_is_accepted(const mdev_callout_result* result);
/** Stores the script's exit status in `status`; -1 if the script did not exit
 * by itself (it was killed, timed out, was cancelled, or could not be
 * executed). */
int mdev_callout_result_exit_status(
    const mdev_callout_result* result, int* status);
/** Returns the signal that killed the script; 0 if none did or if the library
 * sent it; or a negative code. */
int mdev_callout_result_signal(const mdev_callout_result* result);
/** Returns why the script did not accept, such as "it exited with status 1" or
 * "it was killed by signal 11"; empty if it accepted. */
const char* mdev_callout_result_reason(const mdev_callout_result* result);
/** Returns what the script wrote to stdout, up to 1 MiB, which may contain NUL
 * bytes. `size`, or NULL, takes the length without the final NUL. */
const char* mdev_callout_result_output(
    const mdev_callout_result* result, size_t* size);
/** Returns what the script wrote to stderr, which may contain NUL bytes. If
 * that is more than 1 MiB, returns the first line and the end, 512 KiB in all.
 * `size`, or NULL, takes the length without the final NUL. */
const char* mdev_callout_result_errors(
    const mdev_callout_result* result, size_t* size);
/** Gives another handle of the same contents. */
int mdev_callout_result_copy(
    const mdev_callout_result* result, mdev_callout_result** copy);
/** Frees the handle; NULL is ignored. */
void mdev_callout_result_free(mdev_callout_result* result);

/** Returns the number of items. */
size_t mdev_callout_result_list_count(const mdev_callout_result_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_callout_result* mdev_callout_result_list_at(
    const mdev_callout_result_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_callout_result_list_free(mdev_callout_result_list* list);

/* ---- The state of a host ------------------------------------------------- */

/** Whether a device of a host state is active, or should be. Numbers are never
 * reused. */
enum mdev_activity {
    /** Not specified: active if its start mode is automatic. */
    MDEV_ACTIVITY_BY_START_MODE = 0,
    MDEV_ACTIVITY_INACTIVE = 1, /**< Not active, or should not be active. */
    MDEV_ACTIVITY_ACTIVE = 2, /**< Active, or should be active. */
    /** Unknown, or left unchanged: null in the state file. */
    MDEV_ACTIVITY_UNKNOWN = 3
};

/** Makes a device that is defined by `definition`, with
 * MDEV_ACTIVITY_BY_START_MODE. */
int mdev_host_device_new(
    const mdev_definition* definition, mdev_host_device** made);
/** Gives another handle of the same contents. */
int mdev_host_device_copy(
    const mdev_host_device* device, mdev_host_device** copy);
/** Frees the handle; NULL is ignored. */
void mdev_host_device_free(mdev_host_device* device);
/** Sets whether the device is, or should be, defined: 1 or 0. */
int mdev_host_device_set_defined(mdev_host_device* device, int is_defined);
/** Sets whether the device is, or should be, active. `activity` is one of enum
 * mdev_activity. */
int mdev_host_device_set_activity(mdev_host_device* device, int activity);
/** Returns the definition; of a device that is not defined, its parent, type
 * and attributes. Names of parents and types are those of the state file until
 * it is applied. */
const mdev_definition* mdev_host_device_definition(
    const mdev_host_device* device);
/** Returns the name that the state file has in place of a UUID; empty if the
 * state file has the UUID. The UUID is computed from the name; see
 * mdev_uuid_from_name(). */
const char* mdev_host_device_name(const mdev_host_device* device);
/** Returns whether the device is, or should be, defined. */
int mdev_host_device_is_defined(const mdev_host_device* device);
/** Returns one of enum mdev_activity, or a negative code. */
int mdev_host_device_activity(const mdev_host_device* device);
/** Makes an empty list. */
int mdev_host_device_list_new(mdev_host_device_list** made);
/** Appends a copy of the handle to the list. */
int mdev_host_device_list_append(
    mdev_host_device_list* list, const mdev_host_device* device);
/** Returns the number of items. */
size_t mdev_host_device_list_count(const mdev_host_device_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_host_device* mdev_host_device_list_at(
    const mdev_host_device_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_host_device_list_free(mdev_host_device_list* list);

/** Makes a state of these devices, whose parents and types have the kernel's
 * names. Fails with MDEV_ERRC_INVALID_DEFINITION if two have the same UUID and
 * parent. */
int mdev_host_state_new(
    const mdev_host_device_list* list, mdev_host_state** made);
/** Gives the devices, in the order of the state file. */
int mdev_host_state_devices(
    const mdev_host_state* state, mdev_host_device_list** devices);
/** Gives the actual state of the host. It contains every definition, and
 * whether its device is active. It also contains every active device that is
 * not defined, with the attributes that its callout script reports. mdevctl(8)
 * describes the format of a state file, and mdev_manager_apply() applies a
 * state. Devices that cannot be read are omitted with a warning in the log; see
 * mdev_host_state_is_complete(). Fails with MDEV_ERRC_CANCELLED. */
int mdev_host_state_of(const mdev_environment* env, mdev_host_state** made);
/** Reads the text of a state file. A parent may have any name that
 * mdev_parent_device_resolve() accepts, and a type its vendor's name.
 * mdev_manager_apply() resolves these names, because the parents need not exist
 * when the text is read. Unknown members are an error, because they may be
 * misspelled. Fails with MDEV_ERRC_INVALID_DEFINITION; the subject of the error
 * is `source`. */
int mdev_host_state_from_json(
    const char* json, const char* source, mdev_host_state** made);
/** Reads a state file, which may be a pipe such as `/dev/stdin`. Fails like
 * mdev_host_state_from_json(), with MDEV_ERRC_CANCELLED, and if the file is
 * larger than 64 MiB. */
int mdev_host_state_from_file(
    const char* file, const mdev_environment* env, mdev_host_state** made);
/** Returns whether nothing was omitted, that is, mdev_host_state_of() could
 * read each definition and device. A state that was read from JSON is
 * complete. */
int mdev_host_state_is_complete(const mdev_host_state* state);
/** Gives the text of the state file, without a final newline. */
int mdev_host_state_to_json(const mdev_host_state* state, mdev_string** json);
/** Gives another handle of the same contents. */
int mdev_host_state_copy(const mdev_host_state* state, mdev_host_state** copy);
/** Frees the handle; NULL is ignored. */
void mdev_host_state_free(mdev_host_state* state);

/* ---- The commands ------------------------------------------------------- */

/** What a live change changes. */
enum mdev_live_scope {
    MDEV_LIVE_DEVICE = 0, /**< The active device only. */
    /** Also the stored definition, after the device. */
    MDEV_LIVE_DEVICE_AND_DEFINITION = 1
};

/** What a command does with a device that a process has open. */
enum mdev_in_use {
    /** Wait until the device is closed and the kernel has removed it. */
    MDEV_IN_USE_WAIT = 0,
    MDEV_IN_USE_REFUSE = 1 /**< Do not stop the device. */
};

/** What to do with definitions and devices that are not in the state file. */
enum mdev_prune {
    MDEV_PRUNE_NO = 0, /**< Leave them unchanged. */
    /** Undefine them and, with MDEV_ACTIVE_DEVICES_APPLY, stop them. */
    MDEV_PRUNE_YES = 1
};

/** What to do about active devices. */
enum mdev_active_devices {
    MDEV_ACTIVE_DEVICES_LEAVE = 0, /**< Only change definitions. */
    MDEV_ACTIVE_DEVICES_APPLY = 1 /**< Also start and stop devices. */
};

/** Receives the result of a command for one device, in the thread that called
 * the command, while the store is not locked. */
typedef void (*mdev_outcome_function)(
    const mdev_outcome* outcome, void* user_data);

/** Returns the operation: MDEV_CALLOUT_ACTION_DEFINE, ..._UNDEFINE,
 * ..._MODIFY, ..._START or ..._STOP; or a negative code. */
int mdev_outcome_action(const mdev_outcome* outcome);
/** Returns the operation as a word, such as `start`; a static string. */
const char* mdev_outcome_word(const mdev_outcome* outcome);
/** Returns the device's UUID. */
const mdev_uuid* mdev_outcome_uuid(const mdev_outcome* outcome);
/** Returns the name of the parent device; empty if unknown. */
const char* mdev_outcome_parent(const mdev_outcome* outcome);
/** Returns the id of the mdev type; empty if unknown. */
const char* mdev_outcome_type_id(const mdev_outcome* outcome);
/** Returns whether the command changed something or, in a dry run, would
 * change something. */
int mdev_outcome_is_changed(const mdev_outcome* outcome);
/** Returns the settings that modify changed: `type`, `start`, `attrs`, and
 * `others` for unknown members. */
const mdev_string_list* mdev_outcome_differences(const mdev_outcome* outcome);
/** Returns the reason of the failure, one sentence like
 * mdev_last_error_message(); empty if the command succeeded. */
const char* mdev_outcome_error(const mdev_outcome* outcome);
/** Returns the processes that have the device open, if the command failed
 * because of them; otherwise an empty list. */
const mdev_device_user_list* mdev_outcome_users(const mdev_outcome* outcome);
/** Returns the code with which the command failed, like mdev_last_error_code();
 * 0 on success. */
int mdev_outcome_code(const mdev_outcome* outcome);
/** Returns the kernel's own error, a positive errno; 0 if the kernel was not
 * involved; or a negative code. */
int mdev_outcome_errno(const mdev_outcome* outcome);
/** Returns the definition before the command or, if the command changes the
 * active device, that device as a definition. A device that is stopped has no
 * attributes here. NULL, which is not an error, if the command adds the
 * definition or device, if it cannot be read, or if the command failed before
 * reading it. */
const mdev_definition* mdev_outcome_before(const mdev_outcome* outcome);
/** Returns the definition after the command or, if the command changes the
 * active device, that device as a definition. In a dry run, the expected one.
 * NULL, which is not an error, if the command removes it or has failed. */
const mdev_definition* mdev_outcome_after(const mdev_outcome* outcome);
/** Gives the line that the program prints with `--json`, without its newline:
 * an object with `action`, `uuid`, `parent`, `type`, `changed`, `differs`,
 * `error` and, if the device is in use, `users`; see mdevctl(8). */
int mdev_outcome_to_json(const mdev_outcome* outcome, mdev_string** json);
/** Gives another handle of the same contents. */
int mdev_outcome_copy(const mdev_outcome* outcome, mdev_outcome** copy);
/** Frees the handle; NULL is ignored. */
void mdev_outcome_free(mdev_outcome* outcome);

/** Returns the number of items. */
size_t mdev_outcome_list_count(const mdev_outcome_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_outcome* mdev_outcome_list_at(
    const mdev_outcome_list* list, size_t index);
/** Gives a list of the same contents. */
int mdev_outcome_list_copy(
    const mdev_outcome_list* list, mdev_outcome_list** copy);
/** Frees the list and its contents; NULL is ignored. */
void mdev_outcome_list_free(mdev_outcome_list* list);

/** Changes a definition. It is called in the calling thread, while the store
 * is locked: it must not call a manager or lock the store. Returns 0, or
 * another number to change nothing: a negative number becomes the result of the
 * call, a positive number becomes -ECANCELED. */
typedef int (*mdev_edit_function)(mdev_definition* definition, void* user_data);

/** Makes a manager. Its functions are the commands, which change the kernel's
 * devices and the store.
 *
 * A command first calls the device's callout script, which may reject the
 * operation (MDEV_ERRC_CALLOUT_REJECTED). Then the command succeeds, or fails
 * and leaves everything unchanged. Finally the command informs the script and
 * the notifiers of the result; their failures are logged. mdev_last_outcomes()
 * returns the results, and a listener receives them. Commands on different
 * devices may run at the same time. In a process, a callout script serves one
 * command at a time, unless its capabilities say that it may serve several. */
int mdev_manager_new(const mdev_environment* env, mdev_manager** made);
/** Gives another handle of the same contents. */
int mdev_manager_copy(const mdev_manager* manager, mdev_manager** copy);
/** Frees the handle; NULL is ignored. */
void mdev_manager_free(mdev_manager* manager);

/** Gives a copy for another environment, such as that of one request. The copy
 * shares the remembered answers of scripts, unless `env` has other directories
 * of scripts. */
int mdev_manager_with_environment(const mdev_manager* manager,
    const mdev_environment* env, mdev_manager** changed);
/** Gives a copy whose commands can be cancelled through `descriptor`; see
 * mdev_environment_with_cancel(). */
int mdev_manager_with_cancel(
    const mdev_manager* manager, int descriptor, mdev_manager** changed);
/** Gives a copy whose commands end `milliseconds` from now; see
 * mdev_environment_with_deadline(). */
int mdev_manager_with_deadline(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed);
/** Gives a copy that calls `listener` once per affected device with the result,
 * on success and on failure; `listener` may be NULL, which means none. The
 * listener receives `user_data`, which may be NULL, unchanged. The caller owns
 * `user_data`, which must be valid until the last manager that has it has been
 * freed. The listener may call commands. It must not call
 * mdev_manager_start_parent(), ..._start_all() or ..._start_defined() if one of
 * these three has called it. */
int mdev_manager_with_listener(const mdev_manager* manager,
    mdev_outcome_function listener, void* user_data, mdev_manager** changed);
/** Gives a copy that continues even if a callout script rejects an operation;
 * the script's message becomes a warning in the log. */
int mdev_manager_with_force(
    const mdev_manager* manager, mdev_manager** changed);
/** Gives a copy whose commands make every check and change nothing. They report
 * to the listener what they would do, and run no script that could reject an
 * operation. A device that the copy gives need not exist. */
int mdev_manager_with_dry_run(
    const mdev_manager* manager, mdev_manager** changed);
/** Gives a copy that treats an already satisfied request as success. A device
 * may already be active with the specified parent and type, or already be
 * inactive. A definition may already have the same contents, or already be
 * missing. */
int mdev_manager_with_idempotence(
    const mdev_manager* manager, mdev_manager** changed);
/** Gives a copy with another behavior for devices that a process has open.
 * `in_use` is one of enum mdev_in_use; the default is MDEV_IN_USE_WAIT. With
 * MDEV_IN_USE_REFUSE, stopping such a device fails with MDEV_ERRC_IN_USE, and
 * the device remains active. The check follows `pre` and finds the processes of
 * mdev_device_users(). If a process opens the device after the check, the
 * command waits nevertheless. */
int mdev_manager_with_in_use(
    const mdev_manager* manager, int in_use, mdev_manager** changed);
/** Gives a copy that waits up to `milliseconds`, and at least a second, for the
 * kernel to remove a device that a process has open. The default is to wait
 * without limit. After the limit, stopping the device fails with
 * MDEV_ERRC_IN_USE, and the kernel completes the removal when the device is
 * closed. */
int mdev_manager_with_timeout(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed);
/** Gives a copy whose mdev_manager_start(), ..._start_spec() and
 * ..._start_defined() wait up to `milliseconds` for late parents, late types
 * and busy drivers; see mdev_manager_start_parent(). The default is not to
 * wait. */
int mdev_manager_with_wait(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed);
/** Gives a copy whose mdev_manager_start_parent(), ..._start_all() and
 * ..._start_defined() retry devices that failed up to `count` times, after
 * `milliseconds` each time. The default is not to retry. */
int mdev_manager_with_retries(const mdev_manager* manager, long count,
    long milliseconds, mdev_manager** changed);

/** Stores a new definition. Fails with MDEV_ERRC_ALREADY_DEFINED if its UUID
 * is defined under its parent. */
int mdev_manager_define(
    const mdev_manager* manager, const mdev_definition* definition);
/** Stores a new definition made from `spec`. The default UUID is a random one.
 * The default parent and type are those of the active device of that UUID.
 * `stored`, or NULL, takes the stored definition. Fails with
 * MDEV_ERRC_INCOMPLETE if `spec` and the active device do not specify
 * enough. */
int mdev_manager_define_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_definition** stored);
/** Removes the definition under `parent`, or every definition of that UUID if
 * `parent` is NULL. With mdev_manager_with_force() also removes an invalid one.
 * Fails with MDEV_ERRC_NOT_DEFINED if there is none, and with
 * MDEV_ERRC_PARTIAL_FAILURE if some of several could not be removed. */
int mdev_manager_undefine(
    const mdev_manager* manager, const mdev_uuid* uuid, const char* parent);
/** Changes the definition under `parent`, or the only definition of that UUID
 * if `parent` is NULL, by calling `edit`. Concurrent changes are not lost,
 * because the store is locked from reading to writing. `edit` receives
 * `user_data`, which may be NULL. A command or a lock of the store in `edit`
 * would wait for this lock: it fails with MDEV_ERRC_LOCK_HELD instead. `edit`
 * is called again, with the new contents, if the definition was changed while
 * the command waited for a callout script. Fails with MDEV_ERRC_NOT_DEFINED,
 * MDEV_ERRC_AMBIGUOUS, or the result of `edit`. */
int mdev_manager_modify(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, mdev_edit_function edit, void* user_data);
/** Replaces the definition of the same UUID and parent, or stores a new one. */
int mdev_manager_modify_to(
    const mdev_manager* manager, const mdev_definition* definition);
/** Changes an active device to match `definition`, through a versioned script
 * that supports live changes. `scope` is one of enum mdev_live_scope. Fails
 * with MDEV_ERRC_NOT_ACTIVE; MDEV_ERRC_NO_SUCH_PARENT or MDEV_ERRC_NO_SUCH_TYPE
 * if the device is active with another parent or type; MDEV_ERRC_NOT_SUPPORTED
 * without such a script; MDEV_ERRC_CALLOUT_REJECTED if the script fails. With
 * MDEV_LIVE_DEVICE_AND_DEFINITION also fails with MDEV_ERRC_NOT_DEFINED if
 * there is no definition, and with MDEV_ERRC_NO_SUCH_TYPE if the definition has
 * another type. */
int mdev_manager_modify_live(
    const mdev_manager* manager, const mdev_definition* definition, int scope);
/** Calls `edit` with the active device as a definition, and changes the device
 * to match the edited definition. Settings that `edit` does not change remain.
 * The definition has the attributes that the script reports, or the stored ones
 * if the script reports none, and the stored start mode and unknown members.
 * `scope` is one of enum mdev_live_scope. `edit` receives `user_data`, which
 * may be NULL. Fails like mdev_manager_modify_live(), and like
 * mdev_manager_modify() if `edit` fails. */
int mdev_manager_edit_live(const mdev_manager* manager, const mdev_uuid* uuid,
    mdev_edit_function edit, void* user_data, int scope);
/** Starts a device that need not be defined. `device`, or NULL, takes the
 * device. After a failure the device is not active. */
int mdev_manager_start(const mdev_manager* manager,
    const mdev_definition* definition, mdev_device** device);
/** Starts the definition that matches `spec`; if none does, starts a transient
 * device of that parent and type, whose default UUID is a random one. `device`,
 * or NULL, takes the device. Fails with MDEV_ERRC_AMBIGUOUS,
 * MDEV_ERRC_INCOMPLETE, and like mdev_manager_start(). */
int mdev_manager_start_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_device** device);
/** Stops a device. If a process has the device open, waits or fails; see
 * mdev_manager_with_in_use() and ..._with_timeout(). Fails with
 * MDEV_ERRC_NOT_ACTIVE; MDEV_ERRC_IN_USE, with the processes in
 * mdev_last_error_users(); MDEV_ERRC_CANCELLED; MDEV_ERRC_TIMED_OUT at a
 * deadline. The kernel completes a removal that has begun even if the function
 * fails. */
int mdev_manager_stop(const mdev_manager* manager, const mdev_uuid* uuid);
/** Starts every definition of a parent whose start mode is automatic, in the
 * order of their UUIDs. A definition that is already active is not an error.
 * Waits up to `milliseconds` for the parent, for types and for a busy driver.
 * Each failure is logged and does not affect the others; if there was one, the
 * function finally fails with MDEV_ERRC_PARTIAL_FAILURE. */
int mdev_manager_start_parent(
    const mdev_manager* manager, const char* parent, long milliseconds);
/** Starts every definition of all parents whose start mode is automatic; see
 * mdev_manager_start_parent(). */
int mdev_manager_start_all(const mdev_manager* manager, long milliseconds);
/** Starts every definition, whatever its start mode: of `parent`, or of all
 * parents if `parent` is NULL. mdev_manager_with_wait() sets how long to wait.
 * Failures are handled as in mdev_manager_start_parent(). */
int mdev_manager_start_defined(const mdev_manager* manager, const char* parent);
/** Stops every active device: of `parent`, or of all parents if `parent` is
 * NULL. Devices that appear to be in use are stopped last, because the kernel
 * blocks until they are closed. Each failure is logged and does not affect the
 * others; if there was one, the function finally fails with
 * MDEV_ERRC_PARTIAL_FAILURE. */
int mdev_manager_stop_all(const mdev_manager* manager, const char* parent);
/** Makes definitions and active devices match a state file, in this order:
 * stop, undefine, define and modify, start. `prune` is one of enum mdev_prune,
 * `active_devices` one of enum mdev_active_devices.
 *
 * All prerequisites are checked before the first change; if one is missing, the
 * function fails and nothing has changed. If the state file does not say
 * whether a device is active, the device is started if its start mode is
 * automatic. A device that is active with another parent or type is not
 * stopped. The listener is called for each device, also for unchanged ones. A
 * step that fails is logged and does not affect the others; if there was one,
 * the function finally fails with MDEV_ERRC_PARTIAL_FAILURE. */
int mdev_manager_apply(const mdev_manager* manager,
    const mdev_host_state* state, int prune, int active_devices);
/** Gives what mdev_manager_apply() would change, with the old and the new
 * values; changes nothing. `prune` is one of enum mdev_prune, `active_devices`
 * one of enum mdev_active_devices. Fails like mdev_manager_apply() if a
 * prerequisite is missing. */
int mdev_manager_diff(const mdev_manager* manager, const mdev_host_state* state,
    int prune, int active_devices, mdev_outcome_list** changes);

/* ---- Events ------------------------------------------------------------- */

/** The kind of an event of a device, a parent or a definition. */
enum mdev_event_kind {
    MDEV_EVENT_DEVICE_ADDED = 1, /**< A device became active. */
    MDEV_EVENT_DEVICE_REMOVED = 2, /**< A device is no longer active. */
    MDEV_EVENT_PARENT_REGISTERED = 3, /**< A parent offers its types. */
    /** A parent was removed with its devices. */
    MDEV_EVENT_PARENT_UNREGISTERED = 4,
    MDEV_EVENT_DEFINITION_ADDED = 5, /**< A definition was added. */
    /** A definition's file was replaced or written to. */
    MDEV_EVENT_DEFINITION_CHANGED = 6,
    MDEV_EVENT_DEFINITION_REMOVED = 7, /**< A definition was removed. */
    /** Events were dropped: read the full state again. */
    MDEV_EVENT_OVERFLOW = 8
};

/** Makes a filter without conditions, which selects all events. Events that
 * meet every condition are selected, and always MDEV_EVENT_OVERFLOW. */
int mdev_event_filter_new(mdev_event_filter** made);
/** Selects events with this parent. */
int mdev_event_filter_set_parent(mdev_event_filter* filter, const char* parent);
/** Selects events with this UUID, that is, of devices and definitions. */
int mdev_event_filter_set_uuid(
    mdev_event_filter* filter, const mdev_uuid* uuid);
/** Selects events of this kind, one of enum mdev_event_kind, and of the kinds
 * of other calls. */
int mdev_event_filter_add_kind(mdev_event_filter* filter, int kind);
/** Gives a filter of the same contents, which can be changed independently. */
int mdev_event_filter_copy(
    const mdev_event_filter* filter, mdev_event_filter** copy);
/** Frees the filter; NULL is ignored. */
void mdev_event_filter_free(mdev_event_filter* filter);

/** Makes a monitor, which reports changes of devices, parents and definitions
 * from now on, so that a program need not poll. mdev_monitor_current()
 * reports what already exists. Fails if the kernel refuses a watch, or has no
 * resources left. If this process may not use netlink, a warning is logged and
 * only definitions and virtual functions are reported; see
 * mdev_monitor_has_uevents().
 *
 * Events are hints: several changes of one definition may be one event, and a
 * change may be reported twice. Events of devices and parents are in the
 * kernel's order. Events of definitions are in no particular order, and their
 * order relative to those of devices and parents is not known.
 *
 * The kernel sends no event when the type of a virtual function changes. The
 * monitor looks at such functions every two seconds, and at an event of a PCI
 * device. A device that is stopped and started again in between, with the same
 * UUID and type, is not reported.
 *
 * A child process after fork(2) shares the queue: an event that one process
 * reads is lost to the other. The child must make a monitor of its own. */
int mdev_monitor_new(const mdev_environment* env, mdev_monitor** made);
/** Makes a monitor like mdev_monitor_new(), which reports the events that
 * `filter` selects. */
int mdev_monitor_new_filtered(const mdev_environment* env,
    const mdev_event_filter* filter, mdev_monitor** made);
/** Gives another handle of the monitor, which shares its queue. */
int mdev_monitor_copy(const mdev_monitor* monitor, mdev_monitor** copy);
/** Frees the handle, and with the last one the descriptor; NULL is ignored. */
void mdev_monitor_free(mdev_monitor* monitor);
/** Returns 1 if the kernel sends its uevents to this process, so that devices
 * and parents are reported, else 0. Returns 0 if netlink sockets are
 * forbidden (by seccomp or an LSM), in a network namespace that belongs to a
 * user namespace (in many containers), and if the filter selects definitions
 * only. Fails with a negative code. */
int mdev_monitor_has_uevents(const mdev_monitor* monitor);
/** Returns a descriptor for poll(2) that is readable when there may be events,
 * or a negative code. The descriptor belongs to the monitor. Any thread may
 * poll it. */
int mdev_monitor_descriptor(const mdev_monitor* monitor);
/** Gives events since the last call; possibly none. If very many are waiting,
 * gives a part of them, and the descriptor remains readable. Does not wait for
 * events; a device that is being created may take a few milliseconds to show
 * its type. Only one thread at a time may call this, whichever handle it has.
 * Fails if the kernel reports an error; events may be lost then, so call
 * mdev_monitor_current(). */
int mdev_monitor_read(const mdev_monitor* monitor, mdev_event_list** events);
/** Gives the current state as events: each parent, then each active device,
 * then each definition appears. Events that have not been read yet are dropped.
 * No later event is missed; an event that happens during the call may be
 * reported again by mdev_monitor_read(). Only one thread at a time may call
 * this function or that one. Use this at the start and after
 * MDEV_EVENT_OVERFLOW. */
int mdev_monitor_current(const mdev_monitor* monitor, mdev_event_list** events);

/** Returns one of enum mdev_event_kind, to which later versions may add, or a
 * negative code. */
int mdev_event_kind(const mdev_event* event);
/** Returns the word of the kind, such as `device-added`; a static string. */
const char* mdev_event_word(const mdev_event* event);
/** Returns the word of one of enum mdev_event_kind; a static string. */
const char* mdev_event_kind_word(int kind);
/** Gives the line that `mdevctl monitor --json` prints, without its newline: an
 * object with `event`, which is the word, `parent`, `uuid`, `type`, `start`
 * (`auto` or `manual`) and `types`, the types that a parent offers. Missing
 * values are null. */
int mdev_event_to_json(const mdev_event* event, mdev_string** json);
/** Returns the name of the parent; empty for MDEV_EVENT_OVERFLOW. */
const char* mdev_event_parent(const mdev_event* event);
/** Returns the UUID of the device or definition; NULL, which is not an error,
 * for an event of a parent and for MDEV_EVENT_OVERFLOW. */
const mdev_uuid* mdev_event_uuid(const mdev_event* event);
/** Returns the id of the mdev type of a device that was added, or of a
 * definition that was added or changed, at the time of mdev_monitor_read().
 * Empty for other kinds, and if the device or definition has been removed since
 * the event or cannot be read. */
const char* mdev_event_type_id(const mdev_event* event);
/** Stores in `start` one of enum mdev_start_mode, if a definition was added or
 * changed and mdev_event_type_id() is not empty, else -1. */
int mdev_event_start(const mdev_event* event, int* start);
/** Returns the ids of the types that a registered parent offers, sorted, at the
 * time of mdev_monitor_read(). Empty for other kinds, and if the parent has
 * been removed since the event. */
const mdev_string_list* mdev_event_offered_type_ids(const mdev_event* event);
/** Gives another handle of the same contents. */
int mdev_event_copy(const mdev_event* event, mdev_event** copy);
/** Frees the handle; NULL is ignored. */
void mdev_event_free(mdev_event* event);

/** Returns the number of items. */
size_t mdev_event_list_count(const mdev_event_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_event* mdev_event_list_at(const mdev_event_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_event_list_free(mdev_event_list* list);

/* ---- Lists of devices --------------------------------------------------- */

/** Whether callout scripts are asked for the attributes of active devices. */
enum mdev_ask_scripts {
    /** No script is run; active devices have no attributes. */
    MDEV_ASK_SCRIPTS_NO = 0,
    /** Each device's script reports its attributes. */
    MDEV_ASK_SCRIPTS_YES = 1
};

/** Gives the active devices, sorted by parent (bytewise) and UUID; only those
 * of `uuid` and `parent`, each of which may be NULL for any. `ask_scripts` is
 * one of enum mdev_ask_scripts. Devices that cannot be read are omitted with a
 * warning in the log. Fails with MDEV_ERRC_INVALID_NAME,
 * MDEV_ERRC_CANCELLED. */
int mdev_listed_device_active(const mdev_uuid* uuid, const char* parent,
    int ask_scripts, const mdev_environment* env,
    mdev_listed_device_list** devices);
/** Gives the definitions, in the same order and with the same arguments as
 * mdev_listed_device_active(). For mdev_listed_device_differences(), the
 * scripts are asked about the definitions that are active. */
int mdev_listed_device_defined(const mdev_uuid* uuid, const char* parent,
    int ask_scripts, const mdev_environment* env,
    mdev_listed_device_list** devices);
/** Receives one device of a list, which is lent until the callback returns.
 * Returns 0, or another number to end the list: a negative number becomes the
 * result of the call, a positive number becomes -ECANCELED. */
typedef int (*mdev_listed_device_function)(
    const mdev_listed_device* device, void* user_data);
/** Calls `visit` in the calling thread for each device that
 * mdev_listed_device_defined() gives, in the same order. Unless scripts are
 * asked, only one device is in memory at a time, however many are defined. */
int mdev_listed_device_each_defined(const mdev_uuid* uuid, const char* parent,
    int ask_scripts, const mdev_environment* env,
    mdev_listed_device_function visit, void* user_data);
/** Returns the definition. For an active device, parent, type and attributes
 * are the active ones, and the start mode is that of the definition. */
const mdev_definition* mdev_listed_device_definition(
    const mdev_listed_device* device);
/** Returns whether the device is active under this parent. */
int mdev_listed_device_is_active(const mdev_listed_device* device);
/** Returns whether the device is defined under this parent, even if its file
 * is not valid. */
int mdev_listed_device_is_defined(const mdev_listed_device* device);
/** Returns the differences between the active device and its definition:
 * `type`, and `attrs` if its script was asked and reported attributes. */
const mdev_string_list* mdev_listed_device_differences(
    const mdev_listed_device* device);
/** Returns one of enum mdev_framework, to which later versions may add; 0 if
 * the parent does not exist; or a negative code. */
int mdev_listed_device_framework(const mdev_listed_device* device);
/** Returns the active device's directory; empty if the device is not active. */
const char* mdev_listed_device_path(const mdev_listed_device* device);
/** Returns the definition's file; empty if the device is not defined. */
const char* mdev_listed_device_file(const mdev_listed_device* device);
/** Gives another handle of the same contents. */
int mdev_listed_device_copy(
    const mdev_listed_device* device, mdev_listed_device** copy);
/** Frees the handle; NULL is ignored. */
void mdev_listed_device_free(mdev_listed_device* device);
/** Returns the number of items. */
size_t mdev_listed_device_list_count(const mdev_listed_device_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_listed_device* mdev_listed_device_list_at(
    const mdev_listed_device_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_listed_device_list_free(mdev_listed_device_list* list);
/** Gives the output of `mdevctl list`, without the final newline. `format` is
 * one of enum mdev_json_format. MDEV_JSON_COMPATIBLE is the output of
 * `--dumpjson`, which is mdev_definition_list_to_json() of the definitions.
 * MDEV_JSON_FLAT is the output of `--json`: `{"version": 1, "devices":
 * [{"uuid", "parent", "type", "start", "attrs", "active", "defined", "differs",
 * "path", "file", "framework"}...]}`. */
int mdev_listed_device_list_to_json(
    const mdev_listed_device_list* list, int format, mdev_string** json);
/** Receives one piece of a text, of `size` bytes without a NUL byte at the end.
 * Returns as mdev_listed_device_function does. */
typedef int (*mdev_json_function)(
    const char* piece, size_t size, void* user_data);
/** Writes mdev_listed_device_list_to_json() of what
 * mdev_listed_device_defined() gives to `sink`, in pieces of about 64 KiB,
 * without having the list in memory unless scripts are asked. `format` is one
 * of enum mdev_json_format. */
int mdev_listed_device_write_json(const mdev_uuid* uuid, const char* parent,
    int ask_scripts, const mdev_environment* env, int format,
    mdev_json_function sink, void* user_data);

/* ---- One device, and the whole system ----------------------------------- */

/** Collects the status of the device of that UUID from the kernel, the store,
 * the device's callout script and, if it is readable, /proc; NULL if the device
 * is neither active nor defined. Parts that cannot be read are omitted with a
 * warning in the log. Fails with MDEV_ERRC_CANCELLED. */
int mdev_device_status_find(const mdev_uuid* uuid, const mdev_environment* env,
    mdev_device_status** found);
/** Returns the device's UUID. */
const mdev_uuid* mdev_device_status_uuid(const mdev_device_status* status);
/** Returns the active device; NULL, which is not an error, if the device is
 * not active. */
const mdev_device* mdev_device_status_active(const mdev_device_status* status);
/** Returns the definitions of the UUID: first the one under the active
 * device's parent, then the others, sorted by parent. */
const mdev_definition_list* mdev_device_status_definitions(
    const mdev_device_status* status);
/** Returns the file of each definition, in the same order, and then those of
 * definitions that are invalid. */
const mdev_string_list* mdev_device_status_files(
    const mdev_device_status* status);
/** Returns the differences between the active device and its definition under
 * the same parent: `type`, `attrs`. Empty if there is no known difference, or
 * if one of the two is missing. */
const mdev_string_list* mdev_device_status_differences(
    const mdev_device_status* status);
/** Returns the type of the active device, or else of the first definition, as
 * the parent offers it now; NULL, which is not an error, if the parent does not
 * offer it. */
const mdev_type* mdev_device_status_type(const mdev_device_status* status);
/** Returns one of enum mdev_framework, to which later versions may add; 0 if
 * the parent does not exist; or a negative code. */
int mdev_device_status_framework(const mdev_device_status* status);
/** Returns the attributes that the callout script reports for the active
 * device. */
const mdev_attribute_list* mdev_device_status_active_attributes(
    const mdev_device_status* status);
/** Returns the path of the callout script that answers for the device: the
 * versioned one, or the first that does not answer "not my type"; NULL, which
 * is not an error, if there is none. */
const char* mdev_device_status_script(const mdev_device_status* status);
/** Returns the active device's number in `/sys/kernel/iommu_groups`; empty if
 * it has none. */
const char* mdev_device_status_iommu_group(const mdev_device_status* status);
/** Returns the files that a virtual machine opens, such as `/dev/vfio/12`. */
const mdev_string_list* mdev_device_status_device_files(
    const mdev_device_status* status);
/** Returns the processes that have one of these files open, such as `process
 * 172 (qemu-system-x86)`. Only root sees all processes. */
const mdev_string_list* mdev_device_status_users(
    const mdev_device_status* status);
/** Gives another handle of the same contents. */
int mdev_device_status_copy(
    const mdev_device_status* status, mdev_device_status** copy);
/** Frees the handle; NULL is ignored. */
void mdev_device_status_free(mdev_device_status* status);
/** Gives the output of `mdevctl show --json`, without the final newline. */
int mdev_device_status_to_json(
    const mdev_device_status* status, mdev_string** json);

/** How serious a finding is. Numbers are never reused. */
enum mdev_severity {
    /** Something is unusual, or will not work as intended. */
    MDEV_SEVERITY_WARNING = 1,
    /** Something is broken, or writable by other users. */
    MDEV_SEVERITY_ERROR = 2
};

/** Checks everything on which mediated devices depend, and gives the problems;
 * none on a healthy system. Changes nothing and runs no script. A file that
 * cannot be read is a finding. */
int mdev_diagnose(const mdev_environment* env, mdev_finding_list** findings);
/** Returns the kind of problem as a word that never changes, such as
 * `definition-broken`: mdevctl-doctor(7) describes each of them. */
const char* mdev_finding_id(const mdev_finding* finding);
/** Returns one of enum mdev_severity, or a negative code. */
int mdev_finding_severity(const mdev_finding* finding);
/** Returns the subject of the finding: a path, a UUID or a parent's name. */
const char* mdev_finding_subject(const mdev_finding* finding);
/** Returns the problem: one sentence without a full stop or newline at its
 * end. */
const char* mdev_finding_message(const mdev_finding* finding);
/** Returns the remedy: one sentence without a full stop or newline at its
 * end. */
const char* mdev_finding_advice(const mdev_finding* finding);
/** Returns the command that does what the advice says, quoted for a shell;
 * empty if no single command does that. Replace a word in capital letters, such
 * as PARENT. */
const char* mdev_finding_command(const mdev_finding* finding);
/** Gives another handle of the same contents. */
int mdev_finding_copy(const mdev_finding* finding, mdev_finding** copy);
/** Frees the handle; NULL is ignored. */
void mdev_finding_free(mdev_finding* finding);
/** Returns the number of items. */
size_t mdev_finding_list_count(const mdev_finding_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_finding* mdev_finding_list_at(
    const mdev_finding_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_finding_list_free(mdev_finding_list* list);
/** Gives the output of `mdevctl doctor --json`, without the final newline. */
int mdev_finding_list_to_json(
    const mdev_finding_list* list, mdev_string** json);

/* ---- The test of a callout script --------------------------------------- */

/** What a remark about a script means. Numbers are never reused. */
enum mdev_remark_kind {
    /** The script follows mdevctl-callouts(7). */
    MDEV_REMARK_OK = 1,
    MDEV_REMARK_NOTE = 2, /**< Something that is neither right nor wrong. */
    MDEV_REMARK_FAILURE = 3 /**< The script does not follow it. */
};

/** Calls the callout script at the path `script` for each event and action that
 * mdevctl-callouts(7) describes, and gives remarks about its answers. The
 * script need not be in the system's directories. `definition` describes a
 * device of the script's type; the device need not exist. The script's effects
 * on the system are real. The time limits and the cancel descriptor are those
 * of the environment. Fails if `script` does not exist or cannot be examined,
 * and with MDEV_ERRC_CANCELLED. */
int mdev_test_script(const char* script, const mdev_definition* definition,
    const mdev_environment* env, mdev_script_remark_list** remarks);
/** Returns one of enum mdev_remark_kind, or a negative code. */
int mdev_script_remark_kind(const mdev_script_remark* remark);
/** Returns the kind as a word: `ok`, `note` or `FAIL`; a static string. */
const char* mdev_script_remark_word(const mdev_script_remark* remark);
/** Returns the tested call or property, such as `pre define`. */
const char* mdev_script_remark_what(const mdev_script_remark* remark);
/** Returns the reason of a failure; empty for other remarks. */
const char* mdev_script_remark_why(const mdev_script_remark* remark);
/** Gives the line that `mdevctl test-callout --json` prints, without its
 * newline: an object with `result`, which is the word, `what` and `why`. */
int mdev_script_remark_to_json(
    const mdev_script_remark* remark, mdev_string** json);
/** Gives another handle of the same contents. */
int mdev_script_remark_copy(
    const mdev_script_remark* remark, mdev_script_remark** copy);
/** Frees the handle; NULL is ignored. */
void mdev_script_remark_free(mdev_script_remark* remark);
/** Returns the number of items. */
size_t mdev_script_remark_list_count(const mdev_script_remark_list* list);
/** Returns item number `index`, counted from 0. Fails with
 * MDEV_ERRC_INVALID_INDEX beyond the last item. */
const mdev_script_remark* mdev_script_remark_list_at(
    const mdev_script_remark_list* list, size_t index);
/** Frees the list and its contents; NULL is ignored. */
void mdev_script_remark_list_free(mdev_script_remark_list* list);

#ifdef __cplusplus
}
#endif

#endif
