/** htmx is loaded for what it does to the page; nothing of it is called. */
declare module "htmx.org";
