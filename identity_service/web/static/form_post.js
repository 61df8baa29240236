"use strict";
// Not `form.submit`: a member of the answer may have that name.
HTMLFormElement.prototype.submit.call(document.getElementById("form"));
