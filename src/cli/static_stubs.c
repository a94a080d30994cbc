// Debian ships libpq.a and libssh.a built with Kerberos and LDAP support, but no static Kerberos or LDAP
// library. The static executable therefore brings these answers of its own: "not available". libpq then
// carries on without GSSAPI encryption and refuses LDAP service lookups; libssh offers no GSSAPI login.
// Dynamic builds do not use this file. Only the output parameters that callers read after a failure are
// written.
//
// It also keeps the C library to the name services that are built into it. Others (systemd, LDAP) would be
// loaded from the machine's shared libraries, which crashes a static program.
#include <nss.h>
#include <stddef.h>
#include <stdint.h>

__attribute__((constructor)) static void use_built_in_name_services(void) {
    static const char* const databases[] = {"passwd",  "group",     "initgroups", "shadow",
                                            "gshadow", "protocols", "services",   "networks"};
    for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); ++i)
        __nss_configure_lookup(databases[i], "files");
    __nss_configure_lookup("hosts", "files dns");
}

typedef uint32_t gss_status;
typedef struct {
    size_t length;
    void* value;
} gss_buffer;

// Major status GSS_S_UNAVAILABLE of RFC 2744 section 3.9.1 (routine error 16).
static const gss_status unavailable = (gss_status)16 << 16;
static const gss_status complete = 0;

void* GSS_C_NT_HOSTBASED_SERVICE = NULL;
void* GSS_C_NT_USER_NAME = NULL;

static gss_status refuse(gss_status* minor) {
    if (minor) *minor = 0;
    return unavailable;
}

static gss_status refuse_with_handle(gss_status* minor, void** handle) {
    if (handle) *handle = NULL;
    return refuse(minor);
}

static gss_status refuse_with_buffer(gss_status* minor, gss_buffer* buffer) {
    if (buffer) {
        buffer->length = 0;
        buffer->value = NULL;
    }
    return refuse(minor);
}

static gss_status release_handle(gss_status* minor, void** handle) {
    if (minor) *minor = 0;
    if (handle) *handle = NULL;
    return complete;
}

gss_status gss_accept_sec_context(gss_status* minor) { return refuse(minor); }
gss_status gss_add_oid_set_member(gss_status* minor) { return refuse(minor); }
gss_status gss_inquire_cred(gss_status* minor) { return refuse(minor); }
gss_status gss_inquire_cred_by_mech(gss_status* minor) { return refuse(minor); }
gss_status gss_verify_mic(gss_status* minor) { return refuse(minor); }
gss_status gss_wrap_size_limit(gss_status* minor) { return refuse(minor); }

gss_status gss_create_empty_oid_set(gss_status* minor, void** set) { return refuse_with_handle(minor, set); }
gss_status gss_indicate_mechs(gss_status* minor, void** set) { return refuse_with_handle(minor, set); }
gss_status gss_init_sec_context(gss_status* minor) { return refuse(minor); }

gss_status gss_acquire_cred(gss_status* minor, void* name, uint32_t time, void* mechs, int usage,
                            void** credential, void** actual_mechs, uint32_t* valid) {
    (void)name, (void)time, (void)mechs, (void)usage, (void)valid;
    if (actual_mechs) *actual_mechs = NULL;
    return refuse_with_handle(minor, credential);
}

gss_status gss_import_name(gss_status* minor, gss_buffer* text, void* type, void** name) {
    (void)text, (void)type;
    return refuse_with_handle(minor, name);
}

gss_status gss_display_name(gss_status* minor, void* name, gss_buffer* text) {
    (void)name;
    return refuse_with_buffer(minor, text);
}

gss_status gss_display_status(gss_status* minor, uint32_t value, int type, void* mech, uint32_t* more,
                              gss_buffer* text) {
    (void)value, (void)type, (void)mech;
    if (more) *more = 0;  // callers ask again while this is not zero
    return refuse_with_buffer(minor, text);
}

gss_status gss_get_mic(gss_status* minor, void* context, uint32_t quality, gss_buffer* message,
                       gss_buffer* token) {
    (void)context, (void)quality, (void)message;
    return refuse_with_buffer(minor, token);
}

gss_status gss_wrap(gss_status* minor, void* context, int secret, uint32_t quality, gss_buffer* in,
                    int* is_secret, gss_buffer* out) {
    (void)context, (void)secret, (void)quality, (void)in, (void)is_secret;
    return refuse_with_buffer(minor, out);
}

gss_status gss_unwrap(gss_status* minor, void* context, gss_buffer* in, gss_buffer* out) {
    (void)context, (void)in;
    return refuse_with_buffer(minor, out);
}

gss_status gss_test_oid_set_member(gss_status* minor, void* member, void* set, int* present) {
    (void)member, (void)set;
    if (present) *present = 0;
    return refuse(minor);
}

gss_status gss_release_buffer(gss_status* minor, gss_buffer* buffer) {
    refuse_with_buffer(minor, buffer);
    return complete;
}
gss_status gss_release_cred(gss_status* minor, void** handle) { return release_handle(minor, handle); }
gss_status gss_release_name(gss_status* minor, void** handle) { return release_handle(minor, handle); }
gss_status gss_release_oid_set(gss_status* minor, void** handle) { return release_handle(minor, handle); }
gss_status gss_delete_sec_context(gss_status* minor, void** handle) { return release_handle(minor, handle); }

// LDAP, as libpq calls it for service files that name an ldap:// address. -1 is LDAP_SERVER_DOWN.
void* ldap_init(const char* host, int port) {
    (void)host, (void)port;
    return NULL;
}
int ldap_count_entries(void) { return -1; }
int ldap_msgfree(void) { return 0; }
int ldap_result(void) { return -1; }
int ldap_search_st(void) { return -1; }
int ldap_set_option(void) { return -1; }
int ldap_simple_bind(void) { return -1; }
int ldap_unbind(void) { return 0; }
void ldap_value_free_len(void) {}
void* ldap_first_entry(void) { return NULL; }
void* ldap_get_values_len(void) { return NULL; }
const char* ldap_err2string(int code) {
    (void)code;
    return "LDAP is not available in this build";
}
