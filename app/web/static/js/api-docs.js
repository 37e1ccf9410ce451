// The API's pages. A file of its own, because the Content-Security-Policy takes no inline script.
window.SwaggerUIBundle({
  dom_id: "#api-docs",
  url: document.getElementById("api-docs").dataset.openapi,
  deepLinking: true,
  // Would ask a server on the internet.
  validatorUrl: null,
});
