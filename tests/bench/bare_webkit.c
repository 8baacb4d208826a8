/*
 * The least a WebKitGTK window can cost: GTK, one web view, one page. `cargo xtask bench` measures the app
 * beside it. It prints `first-paint` and when that was, in milliseconds since 1970 (Paint Timing, W3C), and then stays open.
 */
#include <gtk/gtk.h>
#include <stdio.h>
#include <webkit2/webkit2.h>

static const char page[] =
    "<!doctype html><meta charset=utf-8><title>Bare</title><style>body{font:15px system-ui;margin:32px}</style>"
    "<h1>A bare window</h1><p>Nothing but a heading, a line and a switch.</p><label><input type=checkbox> On</label>"
    "<script>new PerformanceObserver((list) => {"
    " const [first] = list.getEntriesByName('first-contentful-paint');"
    " if (first) webkit.messageHandlers.painted.postMessage(performance.timeOrigin + first.startTime);"
    "}).observe({ type: 'paint', buffered: true })</script>";

static void painted(WebKitUserContentManager *manager, WebKitJavascriptResult *result, gpointer data)
{
    (void)manager;
    (void)data;
    JSCValue *at = webkit_javascript_result_get_js_value(result);
    fprintf(stderr, "first-paint %.3f\n", jsc_value_to_double(at));
    fflush(stderr);
}

int main(int argc, char **argv)
{
    gtk_init(&argc, &argv);

    WebKitUserContentManager *manager = webkit_user_content_manager_new();
    g_signal_connect(manager, "script-message-received::painted", G_CALLBACK(painted), NULL);
    webkit_user_content_manager_register_script_message_handler(manager, "painted");

    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_default_size(GTK_WINDOW(window), 1100, 760);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);

    GtkWidget *view = webkit_web_view_new_with_user_content_manager(manager);
    gtk_container_add(GTK_CONTAINER(window), view);
    webkit_web_view_load_html(WEBKIT_WEB_VIEW(view), page, NULL);
    gtk_widget_show_all(window);
    gtk_main();
    return 0;
}
