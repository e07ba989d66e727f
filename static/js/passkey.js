// Passkeys: asks the browser for one, puts what it says into the form, and sends it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const failed = form.querySelector("[data-failed]");
    const options = JSON.parse(document.getElementById(form.dataset.options).textContent);
    let answered = false;
    form.addEventListener("submit", async (event) => {
      if (answered) return;
      event.preventDefault();
      failed.hidden = true;
      try {
        const credential = form.dataset.passkey === "create"
          ? await window.webauthnJSON.create(options.creation_options)
          : await window.webauthnJSON.get(options.request_options);
        form.elements.credential.value = JSON.stringify(credential);
        answered = true;
        form.requestSubmit();
      } catch {
        failed.hidden = false;
      }
    });
  }
});
