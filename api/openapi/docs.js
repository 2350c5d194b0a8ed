// Shows the description of this service and of no other: the address is fixed here.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  queryConfigEnabled: false,
  validatorUrl: null,
});
