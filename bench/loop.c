/*-------------------------------------------------------------------------
 *
 * loop.c
 *		Many sockets, to PostgreSQL and to Redis, served by one thread.
 *
 * Server and driver share the machine's cores, so an answer costs the driver
 * one read and one write of a socket and a share of one epoll_wait.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop.h"

#define MAX_READY 64

static void
control(Loop *loop, int fd, Watch *watch, int operation, bool wants_write)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	if (wants_write)
		event.events |= EPOLLOUT;
	if (epoll_ctl(loop->epoll_fd, operation, fd, &event) != 0)
		die("could not watch a connection: %s", strerror(errno));
}

void
loop_add(Loop *loop, int fd, Watch *watch)
{
	control(loop, fd, watch, EPOLL_CTL_ADD, false);
}

void
loop_want_write(Loop *loop, int fd, Watch *watch, bool wanted)
{
	control(loop, fd, watch, EPOLL_CTL_MOD, wanted);
}

void
loop_flush_later(Loop *loop, Watch *watch)
{
	if (watch->to_flush)
		return;
	watch->to_flush = true;
	watch->next_to_flush = loop->to_flush;
	loop->to_flush = watch;
}

static void
flush(Loop *loop)
{
	while (loop->to_flush != NULL)
	{
		Watch *watch = loop->to_flush;

		loop->to_flush = watch->next_to_flush;
		watch->to_flush = false;
		watch->on_flush(watch);
	}
}

void
loop_open(Loop *loop)
{
	*loop = (Loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	if (loop->epoll_fd < 0)
		die("could not create an epoll instance: %s", strerror(errno));
}

void
loop_wait(Loop *loop, int timeout_ms)
{
	struct epoll_event ready[MAX_READY];
	int num_ready;

	flush(loop);
	num_ready = epoll_wait(loop->epoll_fd, ready, MAX_READY, timeout_ms);
	if (num_ready < 0 && errno != EINTR)
		die("could not wait for answers: %s", strerror(errno));
	for (int i = 0; i < num_ready; i++)
	{
		Watch *watch = ready[i].data.ptr;

		if (ready[i].events & EPOLLOUT)
			watch->on_writable(watch);
		if (ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
			watch->on_readable(watch);
	}
}

void
loop_wait_until(Loop *loop, int64_t until)
{
	int64_t now = now_ns();
	int64_t wait = until - now;

	wait = wait < 0 ? 0 : wait > NS_PER_SECOND ? NS_PER_SECOND : wait;
	loop_wait(loop, (int) ((wait + NS_PER_MS - 1) / NS_PER_MS));
}

void
loop_drain(Loop *loop)
{
	while (loop->num_asked > 0)
		loop_wait(loop, -1);
}

void
loop_close(Loop *loop)
{
	close(loop->epoll_fd);
}
