/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle's tables.
 */
#include "tests/harness/oracle.h"
#include "tests/harness/host.h"
#include "tests/harness/lab.h"

/* clang-format off */

const struct oracle_control oracle_controls[] = {
    {0x00000000, ORACLE_CODE_ANY,        "scaphandre-driver-rs, WattSeal"},
    {0x00222000, ORACLE_CODE_ANY,        "Green Metrics Tool"},
    {0x0022D818, ORACLE_CODE_READ_WRITE, "scaphandre's units, WinPowerMonitor, Demeter"},
    {0x0022D844, ORACLE_CODE_READ_WRITE, "scaphandre's energy, Joular Core"},
    {0x0022CA64, ORACLE_CODE_READ_WRITE, "Joular Core, AMD units"},
    {0x0022CA6C, ORACLE_CODE_READ_WRITE, "Joular Core, AMD energy"},
    {0x0022E004, ORACLE_CODE_READ_WRITE, "scaphandre of 2022"},
};

#define OK      LAB_SUCCESS
#define DENIED  LAB_ACCESS_DENIED          /* not for coarse callers */
#define FAILS   LAB_IO_DEVICE_ERROR        /* faults, or has never moved */
#define REFUSED LAB_INVALID_DEVICE_REQUEST /* not on the list of this processor */

/* Values: machines/intel-2s.rec and machines/amd-2s.rec. */
const struct oracle_register oracle_registers[] = {
    /*                               number      fresh    coarse   package 0  package 1 */
    {"intel-2s", "allowed, energy",  0x611,      OK,      OK,      {0x1100611A, 0x2200611B}},
    {"intel-2s", "allowed, unit",    0x606,      OK,      OK,      {0xA0E03, 0xA0E03}},
    {"intel-2s", "allowed, info",    0x614,      OK,      OK,      {0x2F0550014002A8,
                                                                    0x2F0550014002A8}},
    {"intel-2s", "allowed, limit",   0x610,      OK,      DENIED,  {0x428370000DD8168,
                                                                    0x428370000DD8170}},
    {"intel-2s", "allowed, throttle", 0x613,     OK,      DENIED,  {0x2B1, 0x2B1}},
    {"intel-2s", "absent",           0x619,      FAILS,   FAILS,   {0, 0}},
    {"intel-2s", "dead",             0x639,      FAILS,   FAILS,   {0, 0}},
    {"intel-2s", "forbidden",        0x1A0,      REFUSED, REFUSED, {0, 0}},
    {"intel-2s", "AMD on Intel",     0xC001029B, REFUSED, REFUSED, {0, 0}},
    {"amd-2s",   "aliased energy",   0x611,      OK,      OK,      {0x01029BAA, 0x12039CBB}},
    {"amd-2s",   "aliased unit",     0x606,      OK,      OK,      {0xA1003, 0xA1003}},
    {"amd-2s",   "own energy",       0xC001029B, OK,      OK,      {0x7C001029BAA, 0x8D112039CBB}},
    {"amd-2s",   "own unit",         0xC0010299, OK,      OK,      {0xA1003, 0xA1003}},
    /* Asked for: the first core of the first package and the last of the last one. */
    {"amd-2s",   "energy of a core", 0xC001029A, OK,      DENIED,  {0x100000A00, 0x100000B01}},
    {"amd-2s",   "Intel on AMD",     0x639,      REFUSED, REFUSED, {0, 0}},
    {"amd-2s",   "forbidden",        0x1A0,      REFUSED, REFUSED, {0, 0}},
};

#define ANY 0xFFFFFFFEu

struct rule {
    uint32_t code, rights, in_size, out_size;
    struct oracle_answer answer;
};

/* The first row that fits decides. */
static const struct rule rules[] = {
    /* code                  rights             in   out    dispatched  status        returned */

    /* The I/O manager compares the code's access bits with the handle. */
    {ORACLE_CODE_READ_WRITE, ORACLE_READ,       ANY, ANY,  {false, LAB_ACCESS_DENIED,          0}},
    {ORACLE_CODE_READ_WRITE, ORACLE_WRITE,      ANY, ANY,  {false, LAB_ACCESS_DENIED,          0}},
    {ORACLE_CODE_READ_WRITE, ORACLE_NONE,       ANY, ANY,  {false, LAB_ACCESS_DENIED,          0}},

    /* Codes that ask for nothing: the driver wants read access all the same. */
    {ORACLE_CODE_ANY,        ORACLE_WRITE,      ANY, ANY,  {true,  LAB_ACCESS_DENIED,          0}},
    {ORACLE_CODE_ANY,        ORACLE_NONE,       ANY, ANY,  {true,  LAB_ACCESS_DENIED,          0}},

    /* The input is exactly 8 bytes. */
    {ANY,                    ANY,               0,   ANY,  {true,  LAB_INVALID_PARAMETER,      0}},
    {ANY,                    ANY,               4,   ANY,  {true,  LAB_INVALID_PARAMETER,      0}},
    {ANY,                    ANY,               9,   ANY,  {true,  LAB_INVALID_PARAMETER,      0}},
    {ANY,                    ANY,               16,  ANY,  {true,  LAB_INVALID_PARAMETER,      0}},

    /* 4 bytes of output are enough, more than 8 are not filled. */
    {ANY,                    ANY,               8,   0,    {true,  LAB_BUFFER_TOO_SMALL,       0}},
    {ANY,                    ANY,               8,   4,    {true,  ORACLE_AS_REGISTER,         4}},
    {ANY,                    ANY,               8,   8,    {true,  ORACLE_AS_REGISTER,         8}},
    {ANY,                    ANY,               8,   16,   {true,  ORACLE_AS_REGISTER,         8}},
};

/* clang-format on */

const uint32_t oracle_control_count = sizeof(oracle_controls) / sizeof(oracle_controls[0]);
const uint32_t oracle_register_count = sizeof(oracle_registers) / sizeof(oracle_registers[0]);

static bool fits(uint32_t wanted, uint32_t value)
{
    return wanted == ANY || wanted == value;
}

struct oracle_answer oracle_answer(enum oracle_code code, enum oracle_rights rights,
                                   uint32_t in_size, uint32_t out_size)
{
    for (uint32_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (fits(rules[i].code, code) && fits(rules[i].rights, rights) &&
            fits(rules[i].in_size, in_size) && fits(rules[i].out_size, out_size)) {
            return rules[i].answer;
        }
    }
    host_fatal("the oracle has no rule for an input of %u and an output of %u", in_size, out_size);
}
