/* SPDX-License-Identifier: MIT
 *
 * null: links what tau links and does nothing: the floor of its start.
 */
int main(void)
{
    return 0;
}
