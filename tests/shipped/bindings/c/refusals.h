/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REFUSALS_H
#define REFUSALS_H

#include "suite.h"

/* One handle of each class. */
struct handles {
    mdev_attribute_list* attribute_list;
    mdev_callout_engine* callout_engine;
    mdev_callout_result* callout_result;
    mdev_callout_result_list* callout_result_list;
    mdev_config_store* config_store;
    mdev_definition* definition;
    mdev_definition_list* definition_list;
    mdev_device* device;
    mdev_device_list* device_list;
    mdev_device_spec* device_spec;
    mdev_device_status* device_status;
    mdev_device_user* device_user;
    mdev_device_user_list* device_user_list;
    mdev_environment* environment;
    mdev_event* event;
    mdev_event_filter* event_filter;
    mdev_event_list* event_list;
    mdev_finding* finding;
    mdev_finding_list* finding_list;
    mdev_host_device* host_device;
    mdev_host_device_list* host_device_list;
    mdev_host_state* host_state;
    mdev_listed_device* listed_device;
    mdev_listed_device_list* listed_device_list;
    mdev_manager* manager;
    mdev_monitor* monitor;
    mdev_outcome* outcome;
    mdev_outcome_list* outcome_list;
    mdev_parent_device* parent_device;
    mdev_parent_device_list* parent_device_list;
    mdev_script_remark* script_remark;
    mdev_script_remark_list* script_remark_list;
    mdev_store_lock* store_lock;
    mdev_string* string;
    mdev_string_list* string_list;
    mdev_type* type;
    mdev_type_list* type_list;
};

/* Valid handles, and the variables for the results of calls that fail. */
extern struct handles good;
extern struct handles made;
extern char text[MDEV_UUID_SIZE];
extern int number;
extern size_t size;
extern mdev_uuid uuid;

/* Callbacks that must not be called. */
int unwanted_edit(mdev_definition* definition, void* user_data);
int unwanted_device(const mdev_listed_device* device, void* user_data);
int unwanted_json(const char* piece, size_t length, void* user_data);
void unwanted_log(int level, const char* message, void* user_data);
void unwanted_outcome(const mdev_outcome* outcome, void* user_data);

/* Calls each function with each argument bad in turn. */
void test_each_bad_argument(void);

#endif
