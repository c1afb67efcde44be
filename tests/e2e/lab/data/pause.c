/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of every pod: holds its namespaces, reaps its orphans, ends when told to. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void)
{
	sigset_t set;
	int sig;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (sigwait(&set, &sig) == 0 && sig != SIGINT && sig != SIGTERM)
		while (sig == SIGCHLD && waitpid(-1, NULL, WNOHANG) > 0)
			;
	return 0;
}
