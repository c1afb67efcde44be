/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render_ignition.h"

#include "plan_ignition.h"

json_t *render_ignition(const struct plan *p)
{
	json_t *doc = json_object();

	plan_ignition_put(doc, p);
	return doc;
}
