/* SPDX-License-Identifier: Apache-2.0 */
#include "paths.h"

static char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return xstrdup(value && *value ? value : otherwise);
}

void paths_init(struct paths *p)
{
	p->config = from_environment("PROVISION_CONFIG", "/etc/provision");
	p->state = from_environment("PROVISION_STATE", "/var/lib/provision");
	p->run = from_environment("PROVISION_RUN", "/run/provision");
	p->data = from_environment("PROVISION_DATA", PKGDATADIR);
}

void paths_set(char **member, const char *value)
{
	char *copy = xstrdup(value);

	free(*member);
	*member = copy;
}

void paths_release(struct paths *p)
{
	free(p->config);
	free(p->state);
	free(p->run);
	free(p->data);
	*p = (struct paths){0};
}

char *paths_ctl(const struct paths *p)
{
	return xasprintf("%s/ctl", p->run);
}

char *paths_assets(const struct paths *p)
{
	return xasprintf("%s/assets", p->state);
}

char *paths_tftp(const struct paths *p)
{
	return xasprintf("%s/tftp", p->state);
}
