/* SPDX-License-Identifier: MIT
 *
 * main: order of start and stop, nothing else.
 */
#include "config.h"

#include <stdio.h>

int main(void)
{
    puts(PACKAGE_STRING);
    return 0;
}
