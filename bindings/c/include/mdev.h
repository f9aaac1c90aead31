/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MDEV_H
#define MDEV_H

/**
 * @file
 * Mediated devices of the Linux kernel, for C: list, start, stop, store.
 *
 * This is the C++ library libmdev for programs that are not written in C++, or
 * are built without exceptions: the same classes, the same words, nothing
 * more. Link with what `pkg-config --cflags --libs libmdev-c` says.
 *
 * Names. A function is mdev_CLASS_METHOD: Device::set_attribute() is
 * mdev_device_set_attribute(). The class MdevType is mdev_type here. Where C++
 * has one name for several functions, C has a name for each.
 *
 * Handles. Each class is an opaque struct that is only ever pointed to. One
 * rule says who frees a handle, and the prototype shows which half of it holds:
 *
 *   Given: a function that makes, reads or looks up something stores a handle
 *   in its last argument, `mdev_CLASS** out`. The caller owns that handle and
 *   frees it with mdev_CLASS_free().
 *   Lent: a function that returns a `const ...*` (a handle, a UUID, text)
 *   returns a part of the handle in its first argument. The caller never frees
 *   it. It is valid until that handle is freed or changed. A handle that a
 *   callback receives is lent until the callback returns.
 *
 * To keep what is lent, make a copy: mdev_CLASS_copy() gives another handle of
 * the same contents. Only definitions, specs and lists can be changed. Handles
 * do not depend on each other: a device outlives the environment in which it
 * was found. An argument stays the caller's; the library copies what it needs.
 * A free function does nothing if its argument is NULL. Do not call free() on
 * anything that this library has allocated.
 *
 * Text is bytes up to a NUL.
 *
 * Results. A function that returns int returns 0, or a negative code: one of
 * enum mdev_errc, or -errno where the kernel's number says it best. It then has
 * changed nothing, unless its description says so, and a pointer to a pointer
 * has become NULL. A question (mdev_..._is_..., mdev_..._has_...) returns 1 or
 * 0, or a negative code. A function that returns a pointer returns NULL, one
 * that returns a size 0, where it fails. That something is not there is no
 * failure where a program may well ask: a function to which that applies
 * succeeds and gives NULL.
 *
 * Errors. After a failure, mdev_last_error_code() and its kin tell the calling
 * thread more. What they tell changes with the next failure in that thread
 * only. Where not said otherwise, a function may fail with the codes of bad
 * arguments (see below), with -ENOMEM, and with what the kernel says.
 *
 * Bad arguments. NULL is -EINVAL everywhere, save where the description says
 * "or NULL" and in the free functions. So is a number that is none of the
 * enumeration's, and a negative time. A name that could leave its directory is
 * MDEV_ERRC_INVALID_NAME. To use a handle after it was freed is undefined.
 *
 * Enumerations are passed as int, so that a number that is not one of theirs
 * can be refused. Times are milliseconds; MDEV_NO_LIMIT means for as long as it
 * takes.
 *
 * Threads. Any thread may use any handle, many threads the same one, as long
 * as nobody changes or frees it. What can be changed (definitions, specs,
 * lists) is for one thread at a time, or for many that only read it. Cancel a
 * call with mdev_environment_with_cancel(), not with pthread_cancel().
 *
 * Callbacks are called in the thread that calls the library where their type
 * does not say otherwise; they must return, not longjmp() or throw.
 */

#include <limits.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors and version ------------------------------------------------- */

/** What went wrong, where the library knows more than an errno. Numbers are
 * never reused; all are below -10000, where no errno is. */
enum mdev_errc {
    /** Something that this interface has no code for. */
    MDEV_ERRC_UNEXPECTED = -10000,
    /** No definition of that UUID (and parent). */
    MDEV_ERRC_NOT_DEFINED = -10001,
    /** No running device of that UUID. */
    MDEV_ERRC_NOT_ACTIVE = -10002,
    /** That UUID is defined under that parent. */
    MDEV_ERRC_ALREADY_DEFINED = -10003,
    /** That UUID runs, or its removal is not finished. */
    MDEV_ERRC_ALREADY_ACTIVE = -10004,
    /** The kernel knows no parent of that name. */
    MDEV_ERRC_NO_SUCH_PARENT = -10005,
    /** The parent does not offer that type. */
    MDEV_ERRC_NO_SUCH_TYPE = -10006,
    /** The parent has no room for one more. */
    MDEV_ERRC_NO_INSTANCE_LEFT = -10007,
    /** Several definitions match; a parent is needed. */
    MDEV_ERRC_AMBIGUOUS = -10008,
    /** A name that could leave its directory. */
    MDEV_ERRC_INVALID_NAME = -10009,
    /** A definition that says what none may say. */
    MDEV_ERRC_INVALID_DEFINITION = -10010,
    /** A number beyond the end of a list. */
    MDEV_ERRC_INVALID_INDEX = -10011,
    /** A callout script refused the command. */
    MDEV_ERRC_CALLOUT_REJECTED = -10012,
    /** No script or driver can do that. */
    MDEV_ERRC_NOT_SUPPORTED = -10013,
    /** A time limit of the environment has passed. */
    MDEV_ERRC_TIMED_OUT = -10014,
    /** Some of several devices failed. */
    MDEV_ERRC_PARTIAL_FAILURE = -10015,
    /** Too little was given to know what is meant. */
    MDEV_ERRC_INCOMPLETE = -10016,
    /** A script's command would wait for its own caller. */
    MDEV_ERRC_LOCK_HELD = -10017,
    /** The environment's cancel descriptor said so. */
    MDEV_ERRC_CANCELLED = -10018
};

/** The code of this thread's last failure; 0 before the first one. */
int mdev_last_error_code(void);
/** One sentence for an administrator, without a final newline: what failed, on
 * what, and why. Valid until this thread's next failure; never NULL. */
const char* mdev_last_error_message(void);
/** The path, UUID, name or argument that the failure is about; may be empty.
 * Valid until this thread's next failure; never NULL. */
const char* mdev_last_error_subject(void);
/** The kernel's own error, a positive errno; 0 where the kernel was not
 * involved. It is known for some failures whose code is an mdev_errc, too. */
int mdev_last_error_errno(void);

/** The version of libmdev that is loaded; never NULL, valid for ever. */
const char* mdev_version(void);

/* ---- Opaque handles ----------------------------------------------------- */

/** Where the system hangs: its root, its listener, its time limits. */
typedef struct mdev_environment mdev_environment;
/** Hardware that can be divided into mediated devices. */
typedef struct mdev_parent_device mdev_parent_device;
/** One kind of device that a parent offers. */
typedef struct mdev_type mdev_type;
/** An active device. */
typedef struct mdev_device mdev_device;
/** What a definition file says about a device; can be changed. */
typedef struct mdev_definition mdev_definition;
/** As much of a device as a caller specifies; can be changed. */
typedef struct mdev_device_spec mdev_device_spec;
/** The definitions on disk. */
typedef struct mdev_config_store mdev_config_store;
/** Excludes the store's other writers until it is freed. */
typedef struct mdev_store_lock mdev_store_lock;
/** The vendors' scripts. */
typedef struct mdev_callout_engine mdev_callout_engine;
/** How one script answered. */
typedef struct mdev_callout_result mdev_callout_result;
/** The commands. */
typedef struct mdev_manager mdev_manager;
/** Tells what happens. */
typedef struct mdev_monitor mdev_monitor;
/** One thing that has happened. */
typedef struct mdev_event mdev_event;

/** Everything that can be said about one device. */
typedef struct mdev_device_status mdev_device_status;
/** One thing that is wrong with the system. */
typedef struct mdev_finding mdev_finding;

/** What came of a command for one device. */
typedef struct mdev_outcome mdev_outcome;
/** What is, or should be, defined and active. */
typedef struct mdev_host_state mdev_host_state;
/** One remark about a callout script. */
typedef struct mdev_script_remark mdev_script_remark;
/** A device in a list: what runs, or what is stored. */
typedef struct mdev_listed_device mdev_listed_device;

/** Text that a function gives. */
typedef struct mdev_string mdev_string;
/** A list of text. */
typedef struct mdev_string_list mdev_string_list;
/** A list of attributes, which are names and values; can be changed. */
typedef struct mdev_attribute_list mdev_attribute_list;
/** A list of parents; can be changed. */
typedef struct mdev_parent_device_list mdev_parent_device_list;
/** A list of types. */
typedef struct mdev_type_list mdev_type_list;
/** A list of active devices. */
typedef struct mdev_device_list mdev_device_list;
/** A list of definitions; can be changed. */
typedef struct mdev_definition_list mdev_definition_list;
/** A list of scripts' answers. */
typedef struct mdev_callout_result_list mdev_callout_result_list;
/** A list of events. */
typedef struct mdev_event_list mdev_event_list;
/** A list of findings. */
typedef struct mdev_finding_list mdev_finding_list;
/** A list of remarks. */
typedef struct mdev_script_remark_list mdev_script_remark_list;
/** A list of devices that run or are stored. */
typedef struct mdev_listed_device_list mdev_listed_device_list;

/* ---- UUIDs -------------------------------------------------------------- */

/** The name of a mediated device: a value of 16 bytes, the leftmost first. Any
 * 16 bytes are a UUID; all zero is the nil one. The only struct whose insides
 * are known, which they stay. */
typedef struct mdev_uuid {
    unsigned char bytes[16]; /**< The leftmost first. */
} mdev_uuid;

/** The room for a UUID's text, with its final NUL. */
#define MDEV_UUID_SIZE 37

/** Makes a new random (version 4) UUID. */
int mdev_uuid_random(mdev_uuid* uuid);
/** Makes the name-based (version 5, SHA-1, RFC 4122) UUID of `name` in the
 * namespace `space`: equal arguments always make equal UUIDs. `space` may be
 * NULL, which is this project's own namespace: a state file or an Ansible
 * playbook that only names a device means the UUID in that namespace. */
int mdev_uuid_from_name(
    const mdev_uuid* space, const char* name, mdev_uuid* uuid);
/** Reads `8-4-4-4-12`, 32 digits, `{8-4-4-4-12}` or `urn:uuid:8-4-4-4-12`,
 * digits in any case. Fails with -EINVAL if `text` is anything else; `uuid` is
 * as it was then. */
int mdev_uuid_parse(const char* text, mdev_uuid* uuid);
/** Writes it into the caller's array: lower case, `8-4-4-4-12`, which is the
 * kernel's spelling, and a NUL. */
int mdev_uuid_string(const mdev_uuid* uuid, char text[MDEV_UUID_SIZE]);
/** Negative, 0 or positive as `a` sorts before `b`, is the same, or after it:
 * bytewise, so as their spelling does. NULL sorts before every UUID. */
int mdev_uuid_compare(const mdev_uuid* a, const mdev_uuid* b);

/* ---- Text and lists of text --------------------------------------------- */

/** The text. */
const char* mdev_string_text(const mdev_string* string);
/** Its length without the final NUL. */
size_t mdev_string_size(const mdev_string* string);
/** Frees it; NULL is fine. */
void mdev_string_free(mdev_string* string);

/** How many there are. */
size_t mdev_string_list_count(const mdev_string_list* list);
/** The text number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const char* mdev_string_list_at(const mdev_string_list* list, size_t index);
/** Another list of the same. */
int mdev_string_list_copy(
    const mdev_string_list* list, mdev_string_list** copy);
/** Frees the list and its text; NULL is fine. */
void mdev_string_list_free(mdev_string_list* list);

/** How a list is laid out as JSON. Numbers are never reused. */
enum mdev_json_format {
    MDEV_JSON_COMPATIBLE = 1, /**< As mdevctl 1.x prints it, by parent. */
    MDEV_JSON_FLAT = 2 /**< `{"version": 1, ...}` and an array of objects. */
};

/* ---- The environment ---------------------------------------------------- */

/** A time that never passes, for every argument that is a time. */
#define MDEV_NO_LIMIT LONG_MAX

/** How much a log message matters, the worst first. */
enum mdev_log_level {
    MDEV_LOG_ERROR = 0, /**< A part of a command has failed. */
    MDEV_LOG_WARNING = 1, /**< Something was left out or passed over. */
    MDEV_LOG_INFO = 2, /**< What may explain a later question. */
    MDEV_LOG_DEBUG = 3, /**< Each step that is taken. */
    MDEV_LOG_TRACE = 4 /**< Nothing is said on this level yet. */
};

/** Takes the library's messages: one sentence each, no final newline, valid
 * during the call. It may be called from any thread that calls the library,
 * and from the library's own threads while such a call runs, so by several at
 * the same time. */
typedef void (*mdev_log_function)(
    int level, const char* message, void* user_data);

/** An environment: where the system hangs, who hears messages, how long things
 * may take. `root` is the directory from which every path follows, or NULL for
 * the real system's `/`. No log; the default time limits. An environment never
 * changes: each mdev_environment_with_...() gives a changed copy. */
int mdev_environment_new(const char* root, mdev_environment** made);
/** Another handle of the same. */
int mdev_environment_copy(const mdev_environment* env, mdev_environment** copy);
/** Frees the handle; what was made from it stays. NULL is fine. */
void mdev_environment_free(mdev_environment* env);

/** The same for a system below another root. */
int mdev_environment_with_root(
    const mdev_environment* env, const char* root, mdev_environment** changed);
/** The same with `log` as the listener, or NULL for none. `user_data`, which
 * may be NULL, is handed to it as it is; it stays the caller's, and must be
 * good as long as there is anything that was made with that environment. */
int mdev_environment_with_log(const mdev_environment* env,
    mdev_log_function log, void* user_data, mdev_environment** changed);
/** The same with another bound on waiting for the store's lock (the default is
 * 60 s). 0 does not wait at all. */
int mdev_environment_with_lock_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** The same with another time limit for each callout or notifier script (the
 * default is 60 s). */
int mdev_environment_with_script_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** The same with another bound on waiting until other commands of this process
 * have run their scripts (the default is 10 min). 0 does not wait at all. */
int mdev_environment_with_callout_lock_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed);
/** The same with a way to give up: when `descriptor` becomes readable, scripts
 * are ended and all waiting stops, for the store's lock, for other commands or
 * for a parent that is late, and the command fails with MDEV_ERRC_CANCELLED. An
 * eventfd or a signalfd will do; it stays the caller's, who keeps it open. -1
 * means none; less is -EINVAL. */
int mdev_environment_with_cancel(
    const mdev_environment* env, int descriptor, mdev_environment** changed);
/** The same for a program that a script has started whose caller holds the
 * store's lock: to wait for it would be to wait for oneself, so asking for the
 * lock fails with MDEV_ERRC_LOCK_HELD at once. The script finds the root of
 * that store in its environment, as `MDEVCTL_LOCKED_ROOT`. */
int mdev_environment_with_lock_held(
    const mdev_environment* env, mdev_environment** changed);

/** Says one sentence to the listener, as the library itself does, at a level of
 * enum mdev_log_level. */
int mdev_environment_log(
    const mdev_environment* env, int level, const char* message);

/** The root. */
const char* mdev_environment_root(const mdev_environment* env);
/** `ROOT/sys/class/mdev_bus`: the parent devices. */
const char* mdev_environment_parents_directory(const mdev_environment* env);
/** `ROOT/sys/bus/mdev/devices`: the active devices. */
const char* mdev_environment_devices_directory(const mdev_environment* env);
/** `ROOT/etc/mdevctl.d`: the definitions. */
const char* mdev_environment_definitions_directory(const mdev_environment* env);
/** Where callout scripts are, in the order in which they are asked. */
const mdev_string_list* mdev_environment_callout_directories(
    const mdev_environment* env);
/** The same for notifiers. */
const mdev_string_list* mdev_environment_notifier_directories(
    const mdev_environment* env);
/** The bound on waiting for the store's lock, in milliseconds, or a negative
 * code. */
long mdev_environment_lock_timeout(const mdev_environment* env);
/** The time limit of a script, in milliseconds, or a negative code. */
long mdev_environment_script_timeout(const mdev_environment* env);
/** The bound on waiting for other commands of this process, in milliseconds, or
 * a negative code. */
long mdev_environment_callout_lock_timeout(const mdev_environment* env);

/* ---- Parent devices and what they offer --------------------------------- */

/** Finds the parent of that name; NULL if the kernel knows none. Fails with
 * MDEV_ERRC_INVALID_NAME if no parent could be so named. */
int mdev_parent_device_find(
    const char* name, const mdev_environment* env, mdev_parent_device** found);
/** Every parent, sorted by name bytewise; none where the kernel has no
 * mediated devices. */
int mdev_parent_device_all(
    const mdev_environment* env, mdev_parent_device_list** all);
/** Its name. */
const char* mdev_parent_device_name(const mdev_parent_device* parent);
/** What the driver offers now, sorted by id. What cannot be read is left out
 * with a warning in the log. */
int mdev_parent_device_types(
    const mdev_parent_device* parent, mdev_type_list** types);
/** One of them; NULL if it is not offered. Fails if the parent has no types at
 * all or if this one cannot be read. */
int mdev_parent_device_type(
    const mdev_parent_device* parent, const char* id, mdev_type** found);
/** Another handle of the same. */
int mdev_parent_device_copy(
    const mdev_parent_device* parent, mdev_parent_device** copy);
/** Frees the handle; NULL is fine. */
void mdev_parent_device_free(mdev_parent_device* parent);

/** An empty list. */
int mdev_parent_device_list_new(mdev_parent_device_list** made);
/** Puts a copy of the handle at the end of the list. */
int mdev_parent_device_list_append(
    mdev_parent_device_list* list, const mdev_parent_device* parent);
/** How many there are. */
size_t mdev_parent_device_list_count(const mdev_parent_device_list* list);
/** The parent number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_parent_device* mdev_parent_device_list_at(
    const mdev_parent_device_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_parent_device_list_free(mdev_parent_device_list* list);

/** What `mdevctl types --dumpjson` prints with MDEV_JSON_COMPATIBLE: `[]`, or
 * an array of one object, parent to array of `{TYPE: {...}}`. What `mdevctl
 * types
 * --json` prints with MDEV_JSON_FLAT: `{"version": 1, "types": [{"parent",
 * "id", "name", "description", "device_api", "available_instances"}...]}`.
 * `format` is one of enum mdev_json_format. Without the final newline. */
int mdev_parent_device_list_to_json(
    const mdev_parent_device_list* list, int format, mdev_string** json);

/** Its id, as `i915-GVTg_V5_4`: how the kernel and every definition call the
 * type. This and what follows is what the kernel said when it was looked up. */
const char* mdev_type_id(const mdev_type* type);
/** The parent's name. */
const char* mdev_type_parent(const mdev_type* type);
/** How many more devices of it can be made, or a negative code. */
long mdev_type_available_instances(const mdev_type* type);
/** Such as `vfio-pci`. */
const char* mdev_type_device_api(const mdev_type* type);
/** The vendor's name for it; empty if the driver gives none. */
const char* mdev_type_name(const mdev_type* type);
/** The vendor's words on it, its lines joined by `, `; may be empty. */
const char* mdev_type_description(const mdev_type* type);
/** Its directory. */
const char* mdev_type_path(const mdev_type* type);
/** Asks the kernel for a device of this type and returns when it is there;
 * `device` takes it, or is NULL. Fails with MDEV_ERRC_ALREADY_ACTIVE,
 * MDEV_ERRC_NO_INSTANCE_LEFT, or what the kernel said, always with the
 * kernel's number in mdev_last_error_errno(). */
int mdev_type_create(
    const mdev_type* type, const mdev_uuid* uuid, mdev_device** device);
/** Another handle of the same. */
int mdev_type_copy(const mdev_type* type, mdev_type** copy);
/** Frees the handle; NULL is fine. */
void mdev_type_free(mdev_type* type);

/** How many there are. */
size_t mdev_type_list_count(const mdev_type_list* list);
/** The type number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_type* mdev_type_list_at(const mdev_type_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_type_list_free(mdev_type_list* list);

/* ---- Active devices ----------------------------------------------------- */

/** Finds the active device of that UUID; NULL if there is none. Fails if the
 * kernel shows one that cannot be read. */
int mdev_device_find(
    const mdev_uuid* uuid, const mdev_environment* env, mdev_device** found);
/** Every active device, sorted by parent (bytewise) and UUID. One that goes
 * away meanwhile is left out; one that cannot be read, too, with a warning in
 * the log. */
int mdev_device_all(const mdev_environment* env, mdev_device_list** all);
/** Its UUID. */
const mdev_uuid* mdev_device_uuid(const mdev_device* device);
/** The name of its parent device. */
const char* mdev_device_parent(const mdev_device* device);
/** The id of its type. */
const char* mdev_device_type_id(const mdev_device* device);
/** Its directory. */
const char* mdev_device_path(const mdev_device* device);
/** Writes the `size` bytes of `value`, as they are and in one write, to the
 * attribute of that name, which may be a path as `power/control` but never
 * leaves the device's directory. `value` may be NULL if `size` is 0. Fails
 * with MDEV_ERRC_INVALID_NAME, or what the kernel said: -ENODEV or -ENOENT once
 * the device is gone. */
int mdev_device_set_attribute(const mdev_device* device, const char* name,
    const void* value, size_t size);
/** Removes the device; the handle stays. The kernel lets nobody interrupt this
 * while somebody has the device open: after a second, a warning in the log says
 * who. Fails with MDEV_ERRC_NOT_ACTIVE, or what the kernel said. */
int mdev_device_remove(const mdev_device* device);
/** Another handle of the same. */
int mdev_device_copy(const mdev_device* device, mdev_device** copy);
/** Frees the handle, whether or not the device still runs, and does nothing to
 * the device; NULL is fine. */
void mdev_device_free(mdev_device* device);

/** How many there are. */
size_t mdev_device_list_count(const mdev_device_list* list);
/** The device number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_device* mdev_device_list_at(
    const mdev_device_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_device_list_free(mdev_device_list* list);

/* ---- Attributes and definitions ----------------------------------------- */

/** An empty list of attributes. */
int mdev_attribute_list_new(mdev_attribute_list** made);
/** Puts an attribute at the end of the list: a name below the device, as
 * `power/control`, and the value to write to it. What a definition may hold is
 * checked where it gets them. */
int mdev_attribute_list_append(
    mdev_attribute_list* list, const char* name, const char* value);
/** How many there are. */
size_t mdev_attribute_list_count(const mdev_attribute_list* list);
/** The name of the attribute number `index`, from 0.
 * NULL and MDEV_ERRC_INVALID_INDEX beyond the last. */
const char* mdev_attribute_list_name(
    const mdev_attribute_list* list, size_t index);
/** Its value, likewise. */
const char* mdev_attribute_list_value(
    const mdev_attribute_list* list, size_t index);
/** Another list of the same. */
int mdev_attribute_list_copy(
    const mdev_attribute_list* list, mdev_attribute_list** copy);
/** Frees the list; NULL is fine. */
void mdev_attribute_list_free(mdev_attribute_list* list);

/** Whether a device is started when its parent appears. */
enum mdev_start_mode {
    MDEV_START_MANUAL = 0, /**< It is not. */
    MDEV_START_AUTOMATIC = 1 /**< It is. */
};

/** A definition, in memory only: a device without attributes, started by hand.
 * Fails with MDEV_ERRC_INVALID_NAME. */
int mdev_definition_new(const mdev_uuid* uuid, const char* parent,
    const char* type_id, mdev_definition** made);
/** Reads the JSON text of a definition file:
 * `{"mdev_type": ..., "start": "auto"|"manual", "attrs": [{NAME: VALUE}...]}`.
 * `attrs` may be missing; other members are kept and written again. Fails with
 * MDEV_ERRC_INVALID_DEFINITION, and `source` is the subject. */
int mdev_definition_from_json(const char* json, const mdev_uuid* uuid,
    const char* parent, const char* source, mdev_definition** made);
/** The same for a file, which may be a pipe as `/dev/stdin`; more than 1 MiB is
 * refused. */
int mdev_definition_from_file(const char* file, const mdev_uuid* uuid,
    const char* parent, mdev_definition** made);

/** Its UUID. */
const mdev_uuid* mdev_definition_uuid(const mdev_definition* definition);
/** The name of its parent device. */
const char* mdev_definition_parent(const mdev_definition* definition);
/** The id of its type. */
const char* mdev_definition_type_id(const mdev_definition* definition);
/** One of enum mdev_start_mode, or a negative code. */
int mdev_definition_start(const mdev_definition* definition);
/** A list of its attributes, in the order in which they are written to the
 * device; names may repeat. */
const mdev_attribute_list* mdev_definition_attributes(
    const mdev_definition* definition);

/** Changes the type. Fails with MDEV_ERRC_INVALID_NAME. */
int mdev_definition_set_type_id(
    mdev_definition* definition, const char* type_id);
/** Changes the start mode to one of enum mdev_start_mode. */
int mdev_definition_set_start(mdev_definition* definition, int start);
/** Puts these attributes in the place of the old ones. Fails with
 * MDEV_ERRC_INVALID_NAME, or MDEV_ERRC_INVALID_DEFINITION if a value is not
 * UTF-8. */
int mdev_definition_set_attributes(
    mdev_definition* definition, const mdev_attribute_list* attributes);
/** Puts an attribute behind the last. Fails as the one above. */
int mdev_definition_append_attribute(
    mdev_definition* definition, const char* name, const char* value);
/** Puts it before the attribute number `index`, which may be one past the last.
 * Fails with MDEV_ERRC_INVALID_INDEX beyond that. */
int mdev_definition_insert_attribute(mdev_definition* definition, size_t index,
    const char* name, const char* value);
/** Takes the attribute number `index` away. Fails with MDEV_ERRC_INVALID_INDEX
 * if there is none. */
int mdev_definition_erase_attribute(mdev_definition* definition, size_t index);

/** The text of the definition file: two blanks a level, ASCII only, no final
 * newline. */
int mdev_definition_to_json(
    const mdev_definition* definition, mdev_string** json);
/** A definition of its own that says the same. */
int mdev_definition_copy(
    const mdev_definition* definition, mdev_definition** copy);
/** Frees it; NULL is fine. */
void mdev_definition_free(mdev_definition* definition);

/** An empty list. */
int mdev_definition_list_new(mdev_definition_list** made);
/** Puts a copy of the definition at the end of the list. */
int mdev_definition_list_append(
    mdev_definition_list* list, const mdev_definition* definition);
/** How many there are. */
size_t mdev_definition_list_count(const mdev_definition_list* list);
/** The definition number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_definition* mdev_definition_list_at(
    const mdev_definition_list* list, size_t index);
/** Another list of the same. */
int mdev_definition_list_copy(
    const mdev_definition_list* list, mdev_definition_list** copy);
/** Frees the list and its definitions; NULL is fine. */
void mdev_definition_list_free(mdev_definition_list* list);

/** What `mdevctl list --dumpjson` prints, without the final newline: `[]`, or
 * an array of one object, parent to array of `{UUID: {...}}`, in the given
 * order; devices of one parent must stand together. */
int mdev_definition_list_to_json(
    const mdev_definition_list* list, mdev_string** json);

/** A spec that specifies nothing. mdev_manager_define_spec() and
 * mdev_manager_start_spec() find out what is missing. */
int mdev_device_spec_new(mdev_device_spec** made);
/** Sets the device's UUID. */
int mdev_device_spec_set_uuid(mdev_device_spec* spec, const mdev_uuid* uuid);
/** Sets the name of the parent device. */
int mdev_device_spec_set_parent(mdev_device_spec* spec, const char* parent);
/** Sets the id of the mdev type. */
int mdev_device_spec_set_type_id(mdev_device_spec* spec, const char* type_id);
/** Sets whether the device is started when its parent appears: one of enum
 * mdev_start_mode. The default is MDEV_START_MANUAL. mdev_manager_start_spec()
 * ignores it. */
int mdev_device_spec_set_start(mdev_device_spec* spec, int start);
/** The UUID; NULL, which is no failure, if it is not specified. */
const mdev_uuid* mdev_device_spec_uuid(const mdev_device_spec* spec);
/** The name of the parent; NULL, which is no failure, if it is not
 * specified. */
const char* mdev_device_spec_parent(const mdev_device_spec* spec);
/** The id of the mdev type; NULL, which is no failure, if it is not
 * specified. */
const char* mdev_device_spec_type_id(const mdev_device_spec* spec);
/** One of enum mdev_start_mode, or a negative code. */
int mdev_device_spec_start(const mdev_device_spec* spec);
/** Another spec of the same contents. */
int mdev_device_spec_copy(
    const mdev_device_spec* spec, mdev_device_spec** copy);
/** Frees the spec; NULL is fine. */
void mdev_device_spec_free(mdev_device_spec* spec);

/* ---- The store ---------------------------------------------------------- */

/** The definitions on disk: `/etc/mdevctl.d/PARENT/UUID`, one JSON file each,
 * named by its UUID in any letter case. Readers wait for nobody: at every
 * instant they see each definition's old file or its new one, whole. */
int mdev_config_store_new(
    const mdev_environment* env, mdev_config_store** made);
/** Another handle of the same. */
int mdev_config_store_copy(
    const mdev_config_store* store, mdev_config_store** copy);
/** Frees the handle; NULL is fine. */
void mdev_config_store_free(mdev_config_store* store);

/** Every definition, sorted by parent (bytewise) and UUID. A file that cannot
 * be understood is left out with a warning in the log. */
int mdev_config_store_all(
    const mdev_config_store* store, mdev_definition_list** all);
/** The same for the definitions of one parent. */
int mdev_config_store_of_parent(const mdev_config_store* store,
    const char* parent, mdev_definition_list** definitions);
/** The same for the definitions of one UUID, of which each parent may have
 * one. */
int mdev_config_store_of_uuid(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_definition_list** definitions);
/** The parents that have a file of that UUID, good or broken; sorted. */
int mdev_config_store_parents_of(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_string_list** parents);
/** NULL if that UUID is not defined there. Fails if it is, but its file cannot
 * be read or understood. */
int mdev_config_store_find(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_definition** found);

/** Excludes every other writer of the store, in this and other processes, until
 * mdev_store_lock_free(). Waits for them at most as long as the environment
 * says; then fails with MDEV_ERRC_TIMED_OUT, and names the holder. */
int mdev_config_store_lock(
    const mdev_config_store* store, mdev_store_lock** held);
/** Frees the lock; NULL is fine. Any thread may do that. */
void mdev_store_lock_free(mdev_store_lock* held);
/** Adds a definition; `held` is the store's lock. Fails with
 * MDEV_ERRC_ALREADY_DEFINED, or what the kernel said. */
int mdev_config_store_add(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held);
/** Adds a definition or puts it in the old one's place. */
int mdev_config_store_save(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held);
/** Removes a definition, and the parent's directory when that leaves it empty.
 * `erased`, or NULL, takes 1, or 0 if there was none. */
int mdev_config_store_erase(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, const mdev_store_lock* held,
    int* erased);
/** Where a definition is, or would be. */
int mdev_config_store_path(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_string** path);

/* ---- Callout scripts ---------------------------------------------------- */

/** When a script is called, as mdevctl-callouts(7) tells its author. */
enum mdev_callout_event {
    MDEV_CALLOUT_EVENT_GET = 0, /**< To ask it. */
    MDEV_CALLOUT_EVENT_PRE = 1, /**< Before the command. */
    MDEV_CALLOUT_EVENT_LIVE = 2, /**< To change a running device. */
    MDEV_CALLOUT_EVENT_POST = 3, /**< After the command. */
    MDEV_CALLOUT_EVENT_NOTIFY = 4 /**< In the end, to notifiers. */
};

/** What is being done to the device, or what is asked about it. */
enum mdev_callout_action {
    MDEV_CALLOUT_ACTION_START = 0, /**< It is started. */
    MDEV_CALLOUT_ACTION_STOP = 1, /**< It is stopped. */
    MDEV_CALLOUT_ACTION_DEFINE = 2, /**< It is defined. */
    MDEV_CALLOUT_ACTION_UNDEFINE = 3, /**< Its definition is removed. */
    MDEV_CALLOUT_ACTION_MODIFY = 4, /**< It is changed. */
    MDEV_CALLOUT_ACTION_ATTRIBUTES = 5, /**< Its attributes are asked. */
    MDEV_CALLOUT_ACTION_CAPABILITIES = 6 /**< The script's abilities are. */
};

/** How the command itself went. */
enum mdev_callout_state {
    MDEV_CALLOUT_STATE_NONE = 0, /**< It is still to come. */
    MDEV_CALLOUT_STATE_SUCCESS = 1, /**< It succeeded. */
    MDEV_CALLOUT_STATE_FAILURE = 2 /**< It failed. */
};

/** The scripts as they are listed now: which there are, which serves a device,
 * and what they answer. It remembers which script serves which parent and type;
 * make a new one to look again. Fails if a directory of scripts cannot be
 * read. Scripts are direct children of the calling
 * process, run without a shell and no longer than the environment's limit. */
int mdev_callout_engine_new(
    const mdev_environment* env, mdev_callout_engine** made);
/** Another handle of the same, which shares what it remembers. */
int mdev_callout_engine_copy(
    const mdev_callout_engine* engine, mdev_callout_engine** copy);
/** Frees the handle; NULL is fine. */
void mdev_callout_engine_free(mdev_callout_engine* engine);

/** Whether there is any callout script or notifier at all. */
int mdev_callout_engine_has_scripts(const mdev_callout_engine* engine);
/** The path of the versioned script that alone serves devices like this one;
 * NULL if there is none. */
int mdev_callout_engine_versioned_script(const mdev_callout_engine* engine,
    const mdev_definition* definition, mdev_string** script);
/** Asks the scripts in order until one does not answer 2 ("not my type"); NULL
 * if all do, or if the versioned script does not list this event or action. A
 * script's refusal is an answer, not a failure. */
int mdev_callout_engine_run(const mdev_callout_engine* engine, int event,
    int action, const mdev_definition* definition,
    mdev_callout_result** result);
/** The `post` event of the script that served `pre`, which is what
 * mdev_callout_engine_run() gave, or NULL. */
int mdev_callout_engine_post(const mdev_callout_engine* engine,
    const mdev_callout_result* pre, int action, int state,
    const mdev_definition* definition, mdev_callout_result** result);
/** Calls every notifier, in order. */
int mdev_callout_engine_notify(const mdev_callout_engine* engine, int action,
    int state, const mdev_definition* definition,
    mdev_callout_result_list** results);
/** What the scripts say about an active device's attributes. Fails with
 * MDEV_ERRC_CALLOUT_REJECTED if the script fails or makes no sense. */
int mdev_callout_engine_attributes(const mdev_callout_engine* engine,
    const mdev_definition* definition, mdev_attribute_list** attributes);
/** Puts each active device's attributes into it; where a script fails, the
 * device is left as it is. Runs as many scripts at a time as there are
 * processors. Fails with MDEV_ERRC_CANCELLED. */
int mdev_callout_engine_add_attributes(
    const mdev_callout_engine* engine, mdev_definition_list* list);
/** The same engine for scripts that run while the store is locked: their
 * environment says so to a command that they may start. */
int mdev_callout_engine_under_lock(
    const mdev_callout_engine* engine, mdev_callout_engine** made);

/** The script's path. */
const char* mdev_callout_result_script(const mdev_callout_result* result);
/** Whether it exited with status 0. */
int mdev_callout_result_is_accepted(const mdev_callout_result* result);
/** Stores the script's exit status in `status`, or -1 if the script did not
 * exit by itself: it was killed, timed out, was cancelled or could not be
 * executed. */
int mdev_callout_result_exit_status(
    const mdev_callout_result* result, int* status);
/** Why not: "it exited with status 1", "it was killed by signal 11" and the
 * like; empty if it accepted. */
const char* mdev_callout_result_reason(const mdev_callout_result* result);
/** What it wrote to stdout, at most 1 MiB. NUL bytes may be in it: `size`, or
 * NULL, takes the length without the final NUL. */
const char* mdev_callout_result_output(
    const mdev_callout_result* result, size_t* size);
/** What it wrote to stderr, likewise. */
const char* mdev_callout_result_errors(
    const mdev_callout_result* result, size_t* size);
/** Another handle of the same. */
int mdev_callout_result_copy(
    const mdev_callout_result* result, mdev_callout_result** copy);
/** Frees the handle; NULL is fine. */
void mdev_callout_result_free(mdev_callout_result* result);

/** How many there are. */
size_t mdev_callout_result_list_count(const mdev_callout_result_list* list);
/** The answer number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_callout_result* mdev_callout_result_list_at(
    const mdev_callout_result_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_callout_result_list_free(mdev_callout_result_list* list);

/* ---- Hosts as documents ------------------------------------------------- */

/** What is now, as one document, which mdevctl(8) describes and
 * mdev_manager_apply() brings about: every definition, and whether it is
 * active, and every active device that is not defined, with the attributes that
 * its callout script names. What cannot be read is left out with a warning in
 * the log. Fails with MDEV_ERRC_CANCELLED. */
int mdev_host_state_of(const mdev_environment* env, mdev_host_state** made);
/** Reads a document. Parents may be spelt in any way that names them
 * (`02:00.0`), types also by the vendor's name where their parent is there and
 * has one of that name only. A member that is not known is refused: it may be a
 * misspelt one. Fails with MDEV_ERRC_INVALID_DEFINITION, MDEV_ERRC_AMBIGUOUS or
 * MDEV_ERRC_NO_SUCH_TYPE, and `source` is the subject. */
int mdev_host_state_from_json(const char* json, const char* source,
    const mdev_environment* env, mdev_host_state** made);
/** The same for a file, which may be a pipe as `/dev/stdin`; more than 64 MiB
 * is refused. */
int mdev_host_state_from_file(
    const char* file, const mdev_environment* env, mdev_host_state** made);
/** The document, without a final newline. */
int mdev_host_state_to_json(const mdev_host_state* state, mdev_string** json);
/** Another handle of the same. */
int mdev_host_state_copy(const mdev_host_state* state, mdev_host_state** copy);
/** Frees the handle; NULL is fine. */
void mdev_host_state_free(mdev_host_state* state);

/* ---- The commands ------------------------------------------------------- */

/** What a live change changes. */
enum mdev_live_scope {
    MDEV_LIVE_DEVICE = 0, /**< The active device only. */
    /** After the device also its definition. */
    MDEV_LIVE_DEVICE_AND_DEFINITION = 1
};

/** What becomes of definitions and devices of which a document says nothing. */
enum mdev_prune {
    MDEV_PRUNE_NO = 0, /**< They stay. */
    /** They are undefined and, with MDEV_ACTIVE_DEVICES_APPLY, stopped. */
    MDEV_PRUNE_YES = 1
};

/** What a document says about active devices. */
enum mdev_active_devices {
    MDEV_ACTIVE_DEVICES_LEAVE = 0, /**< Only definitions are changed. */
    MDEV_ACTIVE_DEVICES_APPLY = 1 /**< Devices are started and stopped, too. */
};

/** Hears what came of a command for one device, in the thread that gave the
 * command, while the store is not locked. The outcome belongs to the library:
 * whoever keeps it copies it. */
typedef void (*mdev_outcome_function)(
    const mdev_outcome* outcome, void* user_data);

/** What was to be done: MDEV_CALLOUT_ACTION_DEFINE, ..._UNDEFINE, ..._MODIFY,
 * ..._START or ..._STOP; or a negative code. */
int mdev_outcome_action(const mdev_outcome* outcome);
/** The same as a word, such as `start`; valid for ever. */
const char* mdev_outcome_word(const mdev_outcome* outcome);
/** The device. */
const mdev_uuid* mdev_outcome_uuid(const mdev_outcome* outcome);
/** Its parent; empty where nobody knows. */
const char* mdev_outcome_parent(const mdev_outcome* outcome);
/** Its type; empty where nobody knows. */
const char* mdev_outcome_type_id(const mdev_outcome* outcome);
/** Whether it is other than before or, in a dry run, would be. */
int mdev_outcome_is_changed(const mdev_outcome* outcome);
/** What modify changed: `type`, `start`, `attrs`, `others` for members that the
 * library does not know. */
const mdev_string_list* mdev_outcome_differences(const mdev_outcome* outcome);
/** Why it failed, one sentence as mdev_last_error_message() has it; empty if it
 * did not. */
const char* mdev_outcome_error(const mdev_outcome* outcome);
/** What the program prints with `--json`, one line without its end: an object
 * with `action`, `uuid`, `parent`, `type`, `changed`, `differs` and `error`;
 * mdevctl(8) describes it. */
int mdev_outcome_to_json(const mdev_outcome* outcome, mdev_string** json);
/** Another handle of the same. */
int mdev_outcome_copy(const mdev_outcome* outcome, mdev_outcome** copy);
/** Frees a handle that was copied; NULL is fine. */
void mdev_outcome_free(mdev_outcome* outcome);

/** Changes a definition, which belongs to the library and is neither freed nor
 * kept. It is called in the calling thread, while the store is locked: it must
 * not call a manager or ask for the lock. Returns 0, or something else to
 * change nothing: a negative number is what the caller then gets, a positive
 * one counts as -ECANCELED. */
typedef int (*mdev_edit_function)(mdev_definition* definition, void* user_data);

/** The commands: what is done to the kernel and to the store, in which order.
 *
 * A command asks the device's callout script first, which may refuse
 * (MDEV_ERRC_CALLOUT_REJECTED); then it does what it says or fails and leaves
 * things as they were; then the script and the notifiers hear how it went.
 * Their complaints are in the log. Commands
 * on different devices may run at the same time; where there are scripts, one
 * command in a process waits for the other. */
int mdev_manager_new(const mdev_environment* env, mdev_manager** made);
/** Another handle of the same. */
int mdev_manager_copy(const mdev_manager* manager, mdev_manager** copy);
/** Frees the handle; NULL is fine. */
void mdev_manager_free(mdev_manager* manager);

/** The same that tells `listener` what came of each device that a command is
 * about, in the end, also when the command fails; NULL hears nothing.
 * `user_data`, which may be NULL, is handed to it as it is; it stays the
 * caller's, and must be good as long as there is a manager that has it. */
int mdev_manager_with_listener(const mdev_manager* manager,
    mdev_outcome_function listener, void* user_data, mdev_manager** changed);
/** Gives a copy that continues even if a callout script rejects an operation;
 * the script's message becomes a warning in the log. */
int mdev_manager_with_force(
    const mdev_manager* manager, mdev_manager** changed);
/** The same that makes every check, changes nothing, runs no script that could
 * refuse, and tells the listener what it would do. A device that it gives may
 * not be there. */
int mdev_manager_with_dry_run(
    const mdev_manager* manager, mdev_manager** changed);
/** The same that takes for done what is so already: a device that runs with the
 * parent and type that it should have, or does not run; a definition that says
 * the same, or is not there. */
int mdev_manager_with_idempotence(
    const mdev_manager* manager, mdev_manager** changed);
/** The same whose mdev_manager_start(), ..._start_spec() and
 * ..._start_defined() wait so many milliseconds for what may still come, as
 * mdev_manager_start_parent() does; the default is not to wait. */
int mdev_manager_with_wait(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed);

/** Stores a new definition. Fails with MDEV_ERRC_ALREADY_DEFINED if its UUID is
 * defined under its parent. */
int mdev_manager_define(
    const mdev_manager* manager, const mdev_definition* definition);
/** Stores a new definition that is made from `spec`: the default UUID is a
 * random one, the default parent and type are those of the active device of
 * that UUID. `stored`, or NULL, takes the stored definition. Fails with
 * MDEV_ERRC_INCOMPLETE if `spec` and the active device do not say enough. */
int mdev_manager_define_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_definition** stored);
/** Removes the definition under `parent`, or every definition of that UUID if
 * that is NULL. With mdev_manager_with_force() also one that cannot be
 * understood. Fails with MDEV_ERRC_NOT_DEFINED if there is none, and with
 * MDEV_ERRC_PARTIAL_FAILURE if some of several stay. */
int mdev_manager_undefine(
    const mdev_manager* manager, const mdev_uuid* uuid, const char* parent);
/** Stores what `edit` makes of the definition under `parent`, or of the only
 * one of that UUID if that is NULL; no other change is lost, whoever makes it
 * at the same time. `user_data`, which may be NULL, is handed to `edit`. Fails
 * with MDEV_ERRC_NOT_DEFINED, MDEV_ERRC_AMBIGUOUS, or what `edit` returns. */
int mdev_manager_modify(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, mdev_edit_function edit, void* user_data);
/** Stores a definition in the place of the one of its UUID and parent, or as a
 * new one. */
int mdev_manager_modify_to(
    const mdev_manager* manager, const mdev_definition* definition);
/** Changes an active device, and perhaps its definition after that (`scope` is
 * one of enum mdev_live_scope), to what `definition` says, through a versioned
 * script that can do so. Fails with MDEV_ERRC_NOT_ACTIVE;
 * MDEV_ERRC_NO_SUCH_PARENT or MDEV_ERRC_NO_SUCH_TYPE if it is active with
 * another one; MDEV_ERRC_NOT_SUPPORTED without such a script;
 * MDEV_ERRC_CALLOUT_REJECTED if the script fails. */
int mdev_manager_modify_live(
    const mdev_manager* manager, const mdev_definition* definition, int scope);
/** Starts a device that need not be defined. `device`, or NULL, takes it. After
 * a failure the device does not run. */
int mdev_manager_start(const mdev_manager* manager,
    const mdev_definition* definition, mdev_device** device);
/** Starts the definition that matches `spec`; if there is none, a transient
 * device of that parent and type, whose default UUID is a random one. `device`,
 * or NULL, takes the device. Fails with MDEV_ERRC_AMBIGUOUS,
 * MDEV_ERRC_INCOMPLETE, and as mdev_manager_start() does. */
int mdev_manager_start_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_device** device);
/** Stops a device. The kernel waits for whoever has it open, and so does this.
 * Fails with MDEV_ERRC_NOT_ACTIVE if it does not run. */
int mdev_manager_stop(const mdev_manager* manager, const mdev_uuid* uuid);
/** Starts every definition of a parent that is to start automatically, in the
 * order of their UUIDs; one that runs already is fine. Waits so many
 * milliseconds for what may still come: the parent, a type, a driver that is
 * busy. Each failure is logged and does not stop the others; in the end it is
 * MDEV_ERRC_PARTIAL_FAILURE if there was one. */
int mdev_manager_start_parent(
    const mdev_manager* manager, const char* parent, long milliseconds);
/** The same for all parents together. */
int mdev_manager_start_all(const mdev_manager* manager, long milliseconds);
/** The same for every definition, of `parent` or, if that is NULL, of all,
 * however it is to start; mdev_manager_with_wait() says how long to wait. */
int mdev_manager_start_defined(const mdev_manager* manager, const char* parent);
/** Stops every active device, of `parent` or, if that is NULL, of all; those
 * that somebody is seen to use come last, because the kernel waits for them.
 * Each failure is logged and does not stop the others; in the end it is
 * MDEV_ERRC_PARTIAL_FAILURE if there was one. */
int mdev_manager_stop_all(const mdev_manager* manager, const char* parent);
/** Makes definitions, and what runs, what a document says, in this order: stop,
 * undefine, define and modify, start. `prune` is one of enum mdev_prune,
 * `active_devices` one of enum mdev_active_devices. Everything that can be in
 * the way is looked for first; then it fails and nothing has changed. Where the
 * document does not say whether a device is active, what is defined to start
 * automatically is started. A device that runs with another parent or type is
 * not stopped for that. The listener hears of each device, also of what is as
 * it should be: a second time, of nothing else. A step that fails is logged and
 * does not stop the others; in the end it is MDEV_ERRC_PARTIAL_FAILURE if there
 * was one. */
int mdev_manager_apply(const mdev_manager* manager,
    const mdev_host_state* state, int prune, int active_devices);

/* ---- Events ------------------------------------------------------------- */

/** What has happened. */
enum mdev_event_kind {
    MDEV_EVENT_DEVICE_ADDED = 1, /**< A device is active. */
    MDEV_EVENT_DEVICE_REMOVED = 2, /**< A device is not active any more. */
    MDEV_EVENT_PARENT_REGISTERED = 3, /**< A parent offers its types. */
    MDEV_EVENT_PARENT_UNREGISTERED = 4, /**< It and its devices are gone. */
    MDEV_EVENT_DEFINITION_ADDED = 5, /**< There is a new definition. */
    MDEV_EVENT_DEFINITION_CHANGED = 6, /**< Its file is another one. */
    MDEV_EVENT_DEFINITION_REMOVED = 7, /**< A definition is gone. */
    MDEV_EVENT_OVERFLOW = 8 /**< There were too many: ask for all again. */
};

/** Tells what happens to devices, parents and definitions from now on, so that
 * nobody need ask again and again; mdev_monitor_current() tells what is there
 * already. Fails if the kernel gives no socket or no watch. */
int mdev_monitor_new(const mdev_environment* env, mdev_monitor** made);
/** Another handle of the same, which shares its queue. */
int mdev_monitor_copy(const mdev_monitor* monitor, mdev_monitor** copy);
/** Frees the handle, and with the last one the descriptor; NULL is fine. */
void mdev_monitor_free(mdev_monitor* monitor);
/** Readable, for poll(2) and its kin, when there may be events; or a negative
 * code. It belongs to the monitor. Any thread may poll it. */
int mdev_monitor_descriptor(const mdev_monitor* monitor);
/** What has happened since the last call, in order, perhaps nothing. Never
 * waits. One thread at a time may call this, whatever handle it has. Fails if
 * the kernel takes the watches away. */
int mdev_monitor_read(const mdev_monitor* monitor, mdev_event_list** events);
/** What there is now, as if all of it had just come: each parent, then each
 * active device, then each definition. It takes the place of what has not been
 * read yet; nothing is missed from then on, and what happens meanwhile may be
 * told once more by mdev_monitor_read(). One thread at a time may call this or
 * that. For the start, and for MDEV_EVENT_OVERFLOW. */
int mdev_monitor_current(const mdev_monitor* monitor, mdev_event_list** events);

/** One of enum mdev_event_kind, to which later versions may add, or a negative
 * code. */
int mdev_event_kind(const mdev_event* event);
/** The same as a word, such as `device-added`; valid for ever. */
const char* mdev_event_word(const mdev_event* event);
/** What `mdevctl monitor --json` prints, one line without its end: an object
 * with `event`, which is the word, and `parent` and `uuid`, which are null
 * where there is none. */
int mdev_event_to_json(const mdev_event* event, mdev_string** json);
/** The parent that it is about; empty for MDEV_EVENT_OVERFLOW. */
const char* mdev_event_parent(const mdev_event* event);
/** The device or definition that it is about. NULL,
 * which is no failure, for a parent and for MDEV_EVENT_OVERFLOW. */
const mdev_uuid* mdev_event_uuid(const mdev_event* event);
/** Another handle of the same. */
int mdev_event_copy(const mdev_event* event, mdev_event** copy);
/** Frees the handle; NULL is fine. */
void mdev_event_free(mdev_event* event);

/** How many there are. */
size_t mdev_event_list_count(const mdev_event_list* list);
/** The event number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_event* mdev_event_list_at(const mdev_event_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_event_list_free(mdev_event_list* list);

/* ---- Lists of devices --------------------------------------------------- */

/** Whether callout scripts are asked what active devices have. */
enum mdev_ask_scripts {
    /** None is run; active devices have no attributes. */
    MDEV_ASK_SCRIPTS_NO = 0,
    MDEV_ASK_SCRIPTS_YES = 1 /**< Each device's script says what it has. */
};

/** The active devices, sorted by parent (bytewise) and UUID; only those of that
 * `uuid` and `parent`, each of which may be NULL for any. `ask_scripts` is one
 * of enum mdev_ask_scripts. What cannot be read is left out with a warning in
 * the log. Fails with MDEV_ERRC_INVALID_NAME, MDEV_ERRC_CANCELLED. */
int mdev_listed_device_active(const mdev_uuid* uuid, const char* parent,
    int ask_scripts, const mdev_environment* env,
    mdev_listed_device_list** devices);
/** The same for the definitions. */
int mdev_listed_device_defined(const mdev_uuid* uuid, const char* parent,
    const mdev_environment* env, mdev_listed_device_list** devices);
/** The definition, which belongs to the handle; of an active device parent,
 * type and attributes as they are, and how it starts as its definition says. */
const mdev_definition* mdev_listed_device_definition(
    const mdev_listed_device* device);
/** Whether it runs under this parent. */
int mdev_listed_device_is_active(const mdev_listed_device* device);
/** Whether it is defined under this parent, if only by a broken file. */
int mdev_listed_device_is_defined(const mdev_listed_device* device);
/** In what the active device is other than its definition says: `type`, and
 * `attrs` where its script was asked and named some. */
const mdev_string_list* mdev_listed_device_differences(
    const mdev_listed_device* device);
/** The active device's directory; empty if it does not run. */
const char* mdev_listed_device_path(const mdev_listed_device* device);
/** The definition's file; empty if it is not defined. */
const char* mdev_listed_device_file(const mdev_listed_device* device);
/** Another handle of the same. */
int mdev_listed_device_copy(
    const mdev_listed_device* device, mdev_listed_device** copy);
/** Frees the handle; NULL is fine. */
void mdev_listed_device_free(mdev_listed_device* device);
/** How many there are. */
size_t mdev_listed_device_list_count(const mdev_listed_device_list* list);
/** The device number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_listed_device* mdev_listed_device_list_at(
    const mdev_listed_device_list* list, size_t index);
/** Frees the list and its handles; NULL is fine. */
void mdev_listed_device_list_free(mdev_listed_device_list* list);
/** What `mdevctl list --dumpjson` prints with MDEV_JSON_COMPATIBLE, which is
 * mdev_definition_list_to_json() of the definitions. What `mdevctl list --json`
 * prints with MDEV_JSON_FLAT: `{"version": 1, "devices": [{"uuid", "parent",
 * "type", "start", "attrs", "active", "defined", "differs", "path",
 * "file"}...]}`. `format` is one of enum mdev_json_format. Without the final
 * newline. */
int mdev_listed_device_list_to_json(
    const mdev_listed_device_list* list, int format, mdev_string** json);

/* ---- One device, and the whole system ----------------------------------- */

/** Asks the kernel, the store, the device's callout script and, as far as it
 * shows them, /proc, what there is to say about the device of that UUID; NULL
 * if it is neither active nor defined. What cannot be read is left out with a
 * warning in the log. Fails with MDEV_ERRC_CANCELLED. */
int mdev_device_status_find(const mdev_uuid* uuid, const mdev_environment* env,
    mdev_device_status** found);
/** The device's name. */
const mdev_uuid* mdev_device_status_uuid(const mdev_device_status* status);
/** The device that runs; NULL, which is no failure, if it does not. */
const mdev_device* mdev_device_status_active(const mdev_device_status* status);
/** What is stored about it: the definition under the active device's parent
 * first, then others, sorted by parent. */
const mdev_definition_list* mdev_device_status_definitions(
    const mdev_device_status* status);
/** The file of each definition, in the same order. */
const mdev_string_list* mdev_device_status_files(
    const mdev_device_status* status);
/** In what the active device is other than its first definition says:
 * `parent`, `type`, `attrs`. Empty if it is as defined, and where one of the
 * two is missing. */
const mdev_string_list* mdev_device_status_differences(
    const mdev_device_status* status);
/** The type as its parent offers it now, of the active device or else of the
 * first definition; NULL, which is no failure, if it does not. */
const mdev_type* mdev_device_status_type(const mdev_device_status* status);
/** What the callout script says that the active device has. */
const mdev_attribute_list* mdev_device_status_active_attributes(
    const mdev_device_status* status);
/** The path of the callout script that answers for the device: the one that is
 * versioned, or the first that does not say "not my type"; NULL, which is no
 * failure, if none does. */
const char* mdev_device_status_script(const mdev_device_status* status);
/** The active device's number in `/sys/kernel/iommu_groups`; empty if it has
 * none. */
const char* mdev_device_status_iommu_group(const mdev_device_status* status);
/** What a virtual machine opens, such as `/dev/vfio/12`. */
const mdev_string_list* mdev_device_status_device_files(
    const mdev_device_status* status);
/** Who has one of them open, such as `process 172 (qemu-system-x86)`; only root
 * sees everybody. */
const mdev_string_list* mdev_device_status_users(
    const mdev_device_status* status);
/** Another handle of the same. */
int mdev_device_status_copy(
    const mdev_device_status* status, mdev_device_status** copy);
/** Frees the handle; NULL is fine. */
void mdev_device_status_free(mdev_device_status* status);
/** What `mdevctl show --json` prints, without the final newline. */
int mdev_device_status_to_json(
    const mdev_device_status* status, mdev_string** json);

/** How much a finding matters. */
enum mdev_severity {
    MDEV_SEVERITY_WARNING = 1, /**< Something is odd, or will not work. */
    MDEV_SEVERITY_ERROR = 2 /**< Something is broken, lost or open to others. */
};

/** Looks at everything that mediated devices depend on and says what is wrong;
 * nothing on a healthy system. It changes nothing and runs no script; what
 * cannot be looked at is a finding. */
int mdev_diagnose(const mdev_environment* env, mdev_finding_list** findings);
/** What is wrong, as a word that stays the same for ever, such as
 * `definition-broken`: mdevctl-doctor(7) has a section for each. */
const char* mdev_finding_id(const mdev_finding* finding);
/** How much it matters: one of enum mdev_severity, or a negative code. */
int mdev_finding_severity(const mdev_finding* finding);
/** What it is about: a path, a UUID or a parent's name. */
const char* mdev_finding_subject(const mdev_finding* finding);
/** What is wrong, one sentence without a final stop or newline. */
const char* mdev_finding_message(const mdev_finding* finding);
/** What to do about it, of the same form. */
const char* mdev_finding_advice(const mdev_finding* finding);
/** Another handle of the same. */
int mdev_finding_copy(const mdev_finding* finding, mdev_finding** copy);
/** Frees the handle; NULL is fine. */
void mdev_finding_free(mdev_finding* finding);
/** How many there are. */
size_t mdev_finding_list_count(const mdev_finding_list* list);
/** The finding number `index`, from 0. NULL and
 * MDEV_ERRC_INVALID_INDEX beyond the last. */
const mdev_finding* mdev_finding_list_at(
    const mdev_finding_list* list, size_t index);
/** Frees the list and what is in it; NULL is fine. */
void mdev_finding_list_free(mdev_finding_list* list);
/** What `mdevctl doctor --json` prints, without the final newline. */
int mdev_finding_list_to_json(
    const mdev_finding_list* list, mdev_string** json);

/* ---- The test of a callout script --------------------------------------- */

/** What a remark about a script means. Numbers are never reused. */
enum mdev_remark_kind {
    MDEV_REMARK_OK = 1, /**< It did what mdevctl-callouts(7) asks for. */
    MDEV_REMARK_NOTE = 2, /**< Something that is neither right nor wrong. */
    MDEV_REMARK_FAILURE = 3 /**< It did something else. */
};

/** Calls the callout script at the path `script` for every event and action
 * that mdevctl-callouts(7) describes, and gives remarks about its answers. The
 * script need not be in the system's directories. `definition` describes a
 * device of the script's type; the device need not exist. What the script does
 * to the system, it really does. The time limits and the cancel descriptor are
 * those of the environment. Fails if `script` does not exist or cannot be
 * looked at, and with MDEV_ERRC_CANCELLED. */
int mdev_test_script(const char* script, const mdev_definition* definition,
    const mdev_environment* env, mdev_script_remark_list** remarks);
/** One of enum mdev_remark_kind, or a negative code. */
int mdev_script_remark_kind(const mdev_script_remark* remark);
/** The kind as a word: `ok`, `note` or `FAIL`. */
const char* mdev_script_remark_word(const mdev_script_remark* remark);
/** What was tried or seen, such as `pre define`. */
const char* mdev_script_remark_what(const mdev_script_remark* remark);
/** What is wrong; empty unless the remark is a failure. */
const char* mdev_script_remark_why(const mdev_script_remark* remark);
/** The line that `mdevctl test-callout --json` prints, without its newline: an
 * object with `result`, which is the word, `what` and `why`. */
int mdev_script_remark_to_json(
    const mdev_script_remark* remark, mdev_string** json);
/** Another handle of the same. */
int mdev_script_remark_copy(
    const mdev_script_remark* remark, mdev_script_remark** copy);
/** Frees the handle; NULL is fine. */
void mdev_script_remark_free(mdev_script_remark* remark);
/** How many there are. */
size_t mdev_script_remark_list_count(const mdev_script_remark_list* list);
/** The remark number `index`, from 0. NULL and MDEV_ERRC_INVALID_INDEX beyond
 * the last. */
const mdev_script_remark* mdev_script_remark_list_at(
    const mdev_script_remark_list* list, size_t index);
/** Frees the list and what is in it; NULL is fine. */
void mdev_script_remark_list_free(mdev_script_remark_list* list);

#ifdef __cplusplus
}
#endif

#endif
