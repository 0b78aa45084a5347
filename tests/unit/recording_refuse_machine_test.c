/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPUs, topologies, cores and APIC ids that the recording parser refuses.
 */
#include "recording_refusal.h"

#define TWO "topology packages 2 processors 4 groups 2 2 @k\n"

#define BEFORE_CORES HEAD SOURCE TITLE CPU BARE TOPOLOGY

static void test_refuses_machines(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD SOURCE "cpu ^arm family 6 model 1 stepping 0 @k\n", "write the vendor"},
        {HEAD SOURCE "cpu intel ^6 model 1 stepping 0 @k\n", "write the family"},
        {HEAD SOURCE "cpu intel family ^model 1 @k\n", "write the family"},
        {HEAD SOURCE "cpu intel family ^0x10F model 1 stepping 0 @k\n", "a family is 4 to 0x10E"},
        {HEAD SOURCE "cpu intel family ^3 model 1 stepping 0 @k\n", "a family is 4 to 0x10E"},
        {HEAD SOURCE "cpu intel family 6 model ^256 stepping 0 @k\n", "a model is at most 0xFF"},
        {HEAD SOURCE "cpu intel family 6 ^stepping 0 @k\n", "write the model"},
        {HEAD SOURCE "cpu intel family 6 model 1 ^@k\n", "write the stepping"},
        {HEAD SOURCE "cpu intel family 6 model 1 stepping ^16 @k\n", "a stepping is at most 15"},
        {HEAD SOURCE "cpu amd family 6 ^model 0x10 stepping 0 @k\n", "CPUID cannot say this"},
        {HEAD SOURCE "cpu intel family 5 ^model 0x10 stepping 0 @k\n", "CPUID cannot say this"},
        {HEAD SOURCE "amd-rapl ^maybe @k\n", "write `yes` or `no`"},
        {HEAD SOURCE "hypervisor ^xen @k\n", "write `none`, `hyperv-root`"},
        {HEAD SOURCE TITLE AMD BARE TOPOLOGY CORES "^end\n", "add `amd-rapl yes|no @key`"},
        {HEAD SOURCE TITLE CPU "amd-rapl yes @k\n" BARE TOPOLOGY CORES "^" UNIT,
         "amd-rapl stands above, but"},
    };

    EXPECT_REFUSALS(refusals);
}

static void test_refuses_topologies(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD SOURCE "topology ^processors 4 groups 4 @k\n", "write the number of packages"},
        {HEAD SOURCE "topology packages ^17 processors 4 groups 4 @k\n", "a recording has 1 to 16"},
        {HEAD SOURCE "topology packages ^0 processors 4 groups 4 @k\n", "a recording has 1 to 16"},
        {HEAD SOURCE "topology packages 1 ^groups 4 @k\n", "write the number of logical"},
        {HEAD SOURCE "topology packages 1 processors ^257 groups 64 @k\n",
         "a recording has 1 to 256"},
        {HEAD SOURCE "topology packages 1 processors 4 ^@k\n", "write the sizes of the groups"},
        {HEAD SOURCE "topology packages 1 processors 4 groups ^@k\n", "write how many processors"},
        {HEAD SOURCE "topology packages 1 processors 65 groups ^65 @k\n",
         "a processor group holds 1 to 64"},
        {HEAD SOURCE "topology packages 1 processors 4 groups 4 ^0 @k\n",
         "a processor group holds 1 to 64"},
        {HEAD SOURCE "topology packages 1 processors 4 groups 2 ^1 @k\n",
         "the sizes of the groups do not add up"},
        {HEAD SOURCE "topology packages 1 processors 4 groups ^5 @k\n",
         "the sizes of the groups do not add up"},
        {HEAD SOURCE "topology packages 1 processors 5 groups 1 1 1 1 ^1 @k\n",
         "a recording has at most 4 groups"},
        {HEAD SOURCE "topology packages 1 processors 4 groups 4 ^cores @k\n",
         "write how many processors each group"},
        {HEAD SOURCE TITLE CPU BARE TWO "cores 0 package 0 threads 1 group 0 apic 0 @k\n"
                                        "^" UNIT,
         "the cores above have fewer processors"},
        {HEAD SOURCE TITLE CPU BARE TWO "cores 0-1 package 0 threads 1 group 0 apic 0 @k\n"
                                        "cores 2-3 package 0 threads 1 group 1 apic 2 @k\n"
                                        "^" UNIT,
         "a package has no cores"},
    };

    EXPECT_REFUSALS(refusals);
}

#define BEFORE_CORES HEAD SOURCE TITLE CPU BARE TOPOLOGY

static void test_refuses_cores(void **state)
{
    static const struct refusal refusals[] = {
        {BEFORE_CORES "cores ^package 0 @k\n", "write the cores here"},
        {BEFORE_CORES "cores ^256 package 0 @k\n", "a core's number is at most 255"},
        {BEFORE_CORES "cores 0-^ package 0 @k\n", "write the cores here"},
        {BEFORE_CORES "cores ^-3 package 0 @k\n", "write the cores here"},
        {BEFORE_CORES "cores ^all package 0 @k\n", "write the cores here"},
        {BEFORE_CORES "cores 0-^256 package 0 @k\n", "a core's number is at most 255"},
        {BEFORE_CORES "cores ^3-2 package 0 @k\n", "a range goes up"},
        {BEFORE_CORES "cores 0-1 ^threads 2 group 0 apic 0 @k\n", "write the package"},
        {BEFORE_CORES "cores 0-1 package ^16 threads 2 @k\n", "a package's number is at most 15"},
        {BEFORE_CORES "cores 0-1 ^package 1 threads 2 group 0 apic 0 @k\n",
         "there is no such package"},
        {BEFORE_CORES "cores 0-1 package 0 die ^16 threads 2 @k\n", "a die's number"},
        {BEFORE_CORES "cores 0-1 package 0 die ^x threads 2 @k\n", "write the die's number"},
        {BEFORE_CORES "cores 0-1 package 0 ^group 0 apic 0 @k\n", "write the threads"},
        {BEFORE_CORES "cores 0-1 package 0 threads ^9 group 0 apic 0 @k\n", "a core has 1 to 8"},
        {BEFORE_CORES "cores 0-1 package 0 threads ^0 group 0 apic 0 @k\n", "a core has 1 to 8"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 ^apic 0 @k\n", "write the processor group"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group ^4 apic 0 @k\n", "a group's number"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 ^group 1 apic 0 @k\n",
         "there is no such group"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 ^@k\n", "write the APIC id"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 apic ^0x80000000 @k\n",
         "an APIC id is at most"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 ^apic 0x7FFFFFFE @k\n",
         "an APIC id is at most"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 ^apic 0 step 1 @k\n",
         "an APIC id would be given twice"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 apic 0 step ^0 @k\n",
         "the step between cores"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 apic 0 step ^@k\n",
         "write the distance"},
        {BEFORE_CORES "cores 0-1 package 0 threads 2 group 0 apic 0 ^x @k\n",
         "unknown word, or no source"},
        {BEFORE_CORES "cores 0-2 package 0 threads 2 ^group 0 apic 0 @k\n", "more processors than"},
        {BEFORE_CORES "cores 0-255 package 0 threads 8 ^group 0 apic 0 @k\n",
         "more processors than"},
        {BEFORE_CORES "cores 0 package 0 threads 2 group 0 apic 0 @k\n"
                      "cores 0 ^package 0 threads 2 group 0 apic 2 @k\n",
         "this package has a core of that number"},
        {BEFORE_CORES "cores 0 package 0 threads 2 group 0 apic 0 @k\n"
                      "cores 1 package 0 threads 2 group 0 ^apic 1 @k\n",
         "an APIC id would be given twice"},
        {HEAD SOURCE TITLE CPU BARE "topology packages 1 processors 4 groups 2 2 @k\n"
                                    "cores 0 package 0 threads 2 group 1 apic 0 @k\n"
                                    "cores 1 package 0 threads 2 ^group 0 apic 2 @k\n",
         "groups must come in order"},
        {MACHINE UNIT "^cores 2 package 0 threads 1 group 0 apic 8 @k\n", "cores must stand above"},
    };

    EXPECT_REFUSALS(refusals);
}

/* APIC ids that no CPUID could explain: the complaint stands at the line that brought them. */
static void test_refuses_apic_ids(void **state)
{
    static const struct refusal refusals[] = {
        /* Cores of one thread among cores of two must keep a distance of two. */
        {BEFORE_CORES "cores 0 package 0 threads 2 group 0 apic 0 @k\n"
                      "cores 1-2 package 0 threads 1 group 0 ^apic 2 step 1 @k\n" UNIT,
         "these APIC ids fall into another core"},
        {HEAD SOURCE TITLE CPU BARE TWO
         "cores 0-1 package 0 threads 1 group 0 apic 0 step 4 @k\n"
         "cores 0-1 package 1 threads 1 group 1 ^apic 2 step 4 @k\n" UNIT,
         "these APIC ids fall into another package"},
        {BEFORE_CORES "cores 0-1 package 0 die 0 threads 1 group 0 apic 0 step 4 @k\n"
                      "cores 2-3 package 0 die 1 threads 1 group 0 ^apic 2 step 4 @k\n" UNIT,
         "these APIC ids fall into another die"},
        {HEAD SOURCE TITLE AMD
         "amd-rapl yes @k\n" BARE "topology packages 1 processors 2 groups 2 @k\n"
         "cores 0-1 package 0 threads 1 group 0 ^apic 0x7FFF step 1 @k\n" UNIT,
         "the APIC ids of an AMD package"},
        {HEAD SOURCE TITLE AMD "amd-rapl yes @k\n" BARE
                               "topology packages 1 processors 4 groups 4 @k\n"
                               "cores 0 package 0 threads 2 group 0 apic 0 @k\n"
                               "cores 1 package 0 threads 2 group 0 ^apic 767 @k\n" UNIT,
         "the APIC ids of an AMD core"},
    };

    EXPECT_REFUSALS(refusals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_machines),
        cmocka_unit_test(test_refuses_topologies),
        cmocka_unit_test(test_refuses_cores),
        cmocka_unit_test(test_refuses_apic_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
