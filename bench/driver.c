/*-------------------------------------------------------------------------
 *
 * driver.c
 *		The load driver: many libpq connections, one thread.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "args.h"
#include "compare.h"
#include "sale.h"

int
main(int argc, char **argv)
{
	Args args;

	args_read(argc, argv, &args);
	if (strcmp(args.command, "sell") == 0)
		return sale_run(&args) ? 0 : 1;
	if (strcmp(args.command, "columns") == 0)
		compare_print_columns();
	else
		compare_run(&args);
	return 0;
}
