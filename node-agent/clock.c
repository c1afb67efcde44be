/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <time.h>

bool clock_is_off(int64_t now, int64_t told)
{
	if (told == 0)
		return false;
	return now < told - CLOCK_TOLERANCE_S || now > told + CLOCK_TOLERANCE_S;
}

/* The hardware clock is kept in UTC, as Debian expects it. A machine without one is no error. */
static void set_rtc(time_t seconds)
{
	_cleanup_(closep) int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
	struct tm tm;
	struct rtc_time rtc;

	if (fd < 0 || !gmtime_r(&seconds, &tm))
		return;
	rtc = (struct rtc_time){
		.tm_sec = tm.tm_sec,
		.tm_min = tm.tm_min,
		.tm_hour = tm.tm_hour,
		.tm_mday = tm.tm_mday,
		.tm_mon = tm.tm_mon,
		.tm_year = tm.tm_year,
	};
	ioctl(fd, RTC_SET_TIME, &rtc);
}

int clock_set(int64_t told, bool *ret_set, struct err *err)
{
	struct timespec ts = {.tv_sec = (time_t)told};

	if (!clock_is_off(time(NULL), told)) {
		*ret_set = false;
		return 0;
	}
	if (clock_settime(CLOCK_REALTIME, &ts) < 0)
		return err_errno(err, ERR_IO, errno, "cannot set the clock");
	set_rtc(ts.tv_sec);
	*ret_set = true;
	return 0;
}

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}
