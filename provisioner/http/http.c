/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <microhttpd.h>

#include "buf.h"
#include "http/range.h"
#include "limits.h"
#include "parse.h"
#include "port_holder.h"

#define IDLE_TIMEOUT_S 30u
/* A body must have come within this, however lively it drips. */
#define UPLOAD_TIMEOUT_MS 60000u
#define LISTEN_BACKLOG    1024

/* Requests that wait at the same time, each in a thread. */
#define WAITING_MAX 32

struct http_server {
	struct MHD_Daemon *daemon;
	pthread_mutex_t mutex;
	pthread_cond_t nobody_waits;
	size_t n_waiting;
	bool stopping;
	const struct http_route *routes;
	size_t n_routes;
	void *ctx;
	unsigned int upload_ms;
	size_t uploading; /* atomic: what LIMIT_HTTP_UPLOADS counts */
};

/* A request whose body is coming in. GETs have none: they are marked by `no_body`. */
struct upload {
	const struct http_route *route;
	struct buf body;
	size_t counted;       /* of the body, in the server's `uploading` */
	unsigned int refused; /* the status that answers it once the rest was read; 0: none */
	int64_t began_ms;
	/* of a route that waits */
	struct http_server *server;
	struct http_request request;
	struct http_reply reply;
	bool answered; /* by reply, which is not sent yet */
};

static char no_body;

const char *http_query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each {
	bool (*on_argument)(const char *name, const char *value, void *arg);
	void *arg;
};

static enum MHD_Result on_value(void *cls, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	const struct each *e = cls;

	(void)kind;
	return e->on_argument(name, value ? value : "", e->arg) ? MHD_YES : MHD_NO;
}

void http_query_each(const struct http_request *r,
		     bool (*on_argument)(const char *name, const char *value, void *arg), void *arg)
{
	struct each e = {on_argument, arg};

	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, on_value, &e);
}

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

struct ipv4 http_local_address(const struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr_in sa = {0};
	socklen_t size = sizeof(sa);

	if (!info || getsockname(info->connect_fd, (struct sockaddr *)&sa, &size) < 0 ||
	    sa.sin_family != AF_INET)
		return (struct ipv4){0};
	return ipv4_from_in(sa.sin_addr);
}

void http_reply_header(struct http_reply *reply, const char *name, const char *value)
{
	if (MHD_add_response_header(reply->response, name, value) != MHD_YES)
		BUG("a header that cannot be sent");
}

static struct http_reply reply_of(unsigned int status, const char *type, struct MHD_Response *made)
{
	struct http_reply reply = {status, made};

	if (!made)
		BUG("no memory for an answer");
	if (type)
		http_reply_header(&reply, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return reply;
}

struct http_reply http_reply_copy(unsigned int status, const char *type, const void *data,
				  size_t len)
{
	/* libmicrohttpd takes the pointer as not const for all its modes; here it copies */
	return reply_of(status, type,
			MHD_create_response_from_buffer(len, (void *)(uintptr_t)data,
							MHD_RESPMEM_MUST_COPY));
}

struct http_reply http_reply_take(unsigned int status, const char *type, char *data, size_t len)
{
	return reply_of(status, type,
			MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE));
}

struct http_reply http_reply_blob(unsigned int status, const char *type, struct blob *b)
{
	return reply_of(status, type,
			MHD_create_response_from_buffer_with_free_callback_cls(b->len, b->data,
									       blob_unref, b));
}

struct http_reply http_reply_json(unsigned int status, json_t *j)
{
	char *text = jsonx_canonical(j);

	json_decref(j);
	return http_reply_take(status, "application/json", text, strlen(text));
}

struct http_reply http_reply_err(struct err *err)
{
	json_t *j = json_object(), *inner = json_object();
	struct http_reply reply;
	unsigned int status = err_http_status(err->kind);

	jsonx_put_string(inner, "kind", err_kind_name(err->kind));
	jsonx_put_string(inner, "message", err_text(err));
	json_object_set_new(j, "error", inner);
	reply = http_reply_json(status, j);
	if (err->kind == ERR_BUSY)
		http_reply_header(&reply, MHD_HTTP_HEADER_RETRY_AFTER, "3");
	err_release(err);
	return reply;
}

struct http_reply http_reply_fd(unsigned int status, const char *type, int fd, uint64_t offset,
				uint64_t size)
{
	return reply_of(status, type, MHD_create_response_from_fd_at_offset64(size, fd, offset));
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct http_reply reply)
{
	enum MHD_Result r = MHD_queue_response(connection, reply.status, reply.response);

	MHD_destroy_response(reply.response);
	return r;
}

static enum MHD_Result send_error(struct MHD_Connection *connection, unsigned int status,
				  const char *why)
{
	_cleanup_(freep) char *text = xasprintf("%s\n", why);

	return send_reply(connection, http_reply_copy(status, "text/plain", text, strlen(text)));
}

static const struct http_route *find_route(const struct http_server *s, const char *path,
					   bool *ret_other_method, bool post)
{
	*ret_other_method = false;
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct http_route *r = &s->routes[i];

		if (!(r->is_prefix ? startswith(path, r->path) : streq(path, r->path)))
			continue;
		if (r->post == post)
			return r;
		*ret_other_method = true;
	}
	return NULL;
}

static struct ipv4 peer_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return ipv4_from_sockaddr(info ? info->client_addr : NULL);
}

static struct http_request request_of(const struct http_route *route,
				      struct MHD_Connection *connection, const char *method,
				      const char *path, const struct buf *body)
{
	return (struct http_request){
		.connection = connection,
		.method = method,
		.path = path,
		.tail = path + strlen(route->path),
		.body = body && body->data ? body->data : "",
		.body_len = body ? body->len : 0,
		.peer = peer_of(connection),
	};
}

static enum MHD_Result handle(struct http_server *s, const struct http_route *route,
			      struct MHD_Connection *connection, const char *method,
			      const char *path, const struct buf *body)
{
	const struct http_request r = request_of(route, connection, method, path, body);

	return send_reply(connection, route->handle(s->ctx, &r));
}

static bool begin_waiting(struct http_server *s)
{
	bool may;

	pthread_mutex_lock(&s->mutex);
	may = !s->stopping && s->n_waiting < WAITING_MAX;
	s->n_waiting += may;
	pthread_mutex_unlock(&s->mutex);
	return may;
}

static void *answer_apart(void *arg)
{
	struct upload *up = arg;
	struct http_server *s = up->server;

	up->reply = up->route->handle(s->ctx, &up->request);
	up->answered = true;
	/* from here on it is the pool's again, which sends the answer and may free it */
	MHD_resume_connection(up->request.connection);
	pthread_mutex_lock(&s->mutex);
	if (--s->n_waiting == 0)
		pthread_cond_signal(&s->nobody_waits);
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* The connection rests while a thread of its own finds the answer; then on_request is called again.
 */
static enum MHD_Result handle_apart(struct http_server *s, struct upload *up,
				    struct MHD_Connection *connection, const char *method,
				    const char *path)
{
	struct err busy = ERR_INIT;
	pthread_attr_t attr;
	pthread_t thread;

	if (!begin_waiting(s)) {
		err_set(&busy, ERR_BUSY, "too many machines ask for this at once: try again");
		return send_reply(connection, http_reply_err(&busy));
	}
	up->server = s;
	up->request = request_of(up->route, connection, method, path, &up->body);
	MHD_suspend_connection(connection);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, answer_apart, up))
		answer_apart(up);
	pthread_attr_destroy(&attr);
	return MHD_YES;
}

/* A body over its route's ceiling is read to its end and forgotten: a client that is still sending
 * when the connection ends never sees the answer. What is larger than this does not get that. */
#define DRAIN_MAX ((uint64_t)16 * 1024 * 1024)

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void upload_forget(struct http_server *s, struct upload *up)
{
	buf_release(&up->body);
	__atomic_sub_fetch(&s->uploading, up->counted, __ATOMIC_RELAXED);
	up->counted = 0;
}

/* Counts a body that grows to len; false when all uploads together have no room for it. */
static bool upload_count(struct http_server *s, struct upload *up, size_t len)
{
	const size_t counted = len > LIMIT_HTTP_UPLOAD_FREE ? len - LIMIT_HTTP_UPLOAD_FREE : 0,
		     more = counted - up->counted;

	if (__atomic_add_fetch(&s->uploading, more, __ATOMIC_RELAXED) > LIMIT_HTTP_UPLOADS) {
		__atomic_sub_fetch(&s->uploading, more, __ATOMIC_RELAXED);
		return false;
	}
	up->counted = counted;
	return true;
}

/* What is refused is read on to its end and forgotten; the answer follows. */
static void upload_add(struct http_server *s, struct upload *up, const char *data, size_t n)
{
	if (up->refused)
		return;
	if (n > up->route->body_max - up->body.len)
		up->refused = MHD_HTTP_CONTENT_TOO_LARGE;
	else if (!upload_count(s, up, up->body.len + n))
		up->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
	else
		buf_add(&up->body, data, n);
	if (up->refused)
		upload_forget(s, up);
}

/* The first call for a request: the headers are there, the body is not. */
static enum MHD_Result begin(struct http_server *s, struct MHD_Connection *connection,
			     const char *method, const char *path, void **state)
{
	const bool post = streq(method, MHD_HTTP_METHOD_POST);
	const char *length =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
	_cleanup_(err_release) struct err ignored = ERR_INIT;
	const struct http_route *route;
	struct upload *up;
	bool other_method;
	uint64_t announced = 0;

	if (!post && !streq(method, MHD_HTTP_METHOD_GET) && !streq(method, MHD_HTTP_METHOD_HEAD))
		return send_error(connection, MHD_HTTP_NOT_IMPLEMENTED, "no such method");
	if (!post) {
		*state = &no_body;
		return MHD_YES;
	}
	route = find_route(s, path, &other_method, true);
	if (!route)
		return send_error(connection,
				  other_method ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND,
				  other_method ? "use GET" : "no such resource");
	if (length &&
	    (parse_u64(length, UINT64_MAX, &announced, &ignored) < 0 || announced > DRAIN_MAX))
		return send_error(connection, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
	up = xcalloc(1, sizeof(*up));
	up->route = route;
	up->began_ms = monotonic_ms();
	buf_init(&up->body, route->body_max);
	*state = up;
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *data_size, void **state)
{
	struct http_server *s = cls;
	struct upload *up = *state;

	(void)version;
	if (!up)
		return begin(s, connection, method, path, state);
	if (*state == &no_body) {
		bool other_method;
		const struct http_route *route = find_route(s, path, &other_method, false);

		/* a body that nobody asked for is passed over */
		if (*data_size) {
			*data_size = 0;
			return MHD_YES;
		}
		if (!route)
			return send_error(connection,
					  other_method ? MHD_HTTP_METHOD_NOT_ALLOWED
						       : MHD_HTTP_NOT_FOUND,
					  other_method ? "use POST" : "no such resource");
		return handle(s, route, connection, method, path, NULL);
	}
	if (*data_size) {
		if (monotonic_ms() - up->began_ms > s->upload_ms)
			return MHD_NO;
		upload_add(s, up, data, *data_size);
		*data_size = 0;
		return MHD_YES;
	}
	if (up->refused)
		return send_error(connection, up->refused,
				  up->refused == MHD_HTTP_CONTENT_TOO_LARGE
					  ? "the body is too large"
					  : "too many requests are coming in: try again");
	if (up->answered) {
		up->answered = false;
		return send_reply(connection, up->reply);
	}
	if (up->route->waits)
		return handle_apart(s, up, connection, method, path);
	return handle(s, up->route, connection, method, path, &up->body);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode why)
{
	struct upload *up = *state;

	(void)connection;
	(void)why;
	if (up && *state != &no_body) {
		/* the other side was gone before it could be told */
		if (up->answered)
			MHD_destroy_response(up->reply.response);
		upload_forget(cls, up);
		free(up);
	}
	*state = NULL;
}

static size_t unescape(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return url_decode(text);
}

/* What a client does wrong is the client's business, not the log's. */
static void _printf_(2, 0) say_nothing(void *arg, const char *fmt, va_list ap)
{
	(void)arg;
	(void)fmt;
	(void)ap;
}

static int listen_error(uint16_t port, int errnum, struct err *err)
{
	_cleanup_(freep) char *holder = NULL;

	if (errnum != EADDRINUSE)
		return err_errno(err, ERR_IO, errnum, "TCP port %u", port);
	holder = port_holder("tcp", (struct ipv4){0}, port);
	return err_set(err, ERR_BUSY,
		       "TCP port %u is taken by %s: stop it, or set provisioner.httpPort and "
		       "httpsPort in cluster.yaml",
		       port, holder);
}

int http_listen(uint16_t port, int *ret_fd, struct err *err)
{
	const struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a socket");
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    listen(fd, LISTEN_BACKLOG) < 0)
		return listen_error(port, errno, err);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int http_start(const struct http_options *o, struct http_server **ret, struct err *err)
{
	struct http_server *s = xcalloc(1, sizeof(*s));
	unsigned int flags =
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->cert_pem},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	if (o->cert_pem) {
		flags |= MHD_USE_TLS;
		tls[1].ptr_value = (void *)(uintptr_t)secret_reveal(o->key_pem);
	} else {
		tls[0].option = MHD_OPTION_END;
	}
	s->routes = o->routes;
	s->n_routes = o->n_routes;
	s->ctx = o->ctx;
	s->upload_ms = o->upload_ms ? o->upload_ms : UPLOAD_TIMEOUT_MS;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->nobody_waits, NULL);
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
		MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_LISTEN_SOCKET,
		o->listen_fd, MHD_OPTION_THREAD_POOL_SIZE, o->threads, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)LIMIT_HTTP_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned int)LIMIT_HTTP_PER_IP, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HTTP_HEADER,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
	if (!s->daemon) {
		pthread_cond_destroy(&s->nobody_waits);
		pthread_mutex_destroy(&s->mutex);
		free(s);
		return err_set(err, ERR_INTERNAL, "libmicrohttpd does not start%s",
			       o->cert_pem ? " with TLS" : "");
	}
	*ret = s;
	return 0;
}

struct http_server *http_stop(struct http_server *s)
{
	if (!s)
		return NULL;
	/* libmicrohttpd does not stop while a connection rests */
	pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	while (s->n_waiting)
		pthread_cond_wait(&s->nobody_waits, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
	MHD_stop_daemon(s->daemon);
	pthread_cond_destroy(&s->nobody_waits);
	pthread_mutex_destroy(&s->mutex);
	free(s);
	return NULL;
}
