// Passkeys: a form with data-passkey asks the device for a signature before it is sent.
// "create" makes a key, "get" signs with one of this person's, "login" with any that the device knows.

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list = []) => list.map((one) => ({ ...one, id: decode(one.id) }));

// What the server wrote as text becomes bytes, as the browser wants it.
function creation({ publicKey }) {
  const user = { ...publicKey.user, id: decode(publicKey.user.id) };
  // Kept on the device and opened with finger, face or PIN: only such a key signs in alone.
  const authenticatorSelection = { ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return { publicKey: { ...publicKey, user, authenticatorSelection, challenge: decode(publicKey.challenge), excludeCredentials: known(publicKey.excludeCredentials) } };
}

function request({ publicKey }) {
  return { publicKey: { ...publicKey, challenge: decode(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) } };
}

// And the answer of the device becomes text again.
function written(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const bytes = parts.filter((part) => response[part]).map((part) => [part, encode(response[part])]);
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(bytes), transports: response.getTransports?.() },
  });
}

async function optionsFor(form) {
  const block = form.querySelector("script[type='application/json']");
  if (block) return JSON.parse(block.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${form.action} answered ${answer.status}`);
  return answer.json();
}

async function sign(form) {
  const options = await optionsFor(form);
  if (form.dataset.passkey === "create") return navigator.credentials.create(creation(options.creation_options));
  return navigator.credentials.get(request(options.request_options));
}

// A key that is there already and a question waved away are told apart; everything else is one sentence.
function told(form, fault) {
  const words = form.querySelector("[data-passkey-error]");
  if (!words) return;
  const kind = { InvalidStateError: "known", NotAllowedError: "cancelled" }[fault.name];
  words.querySelector("span").textContent = words.dataset[kind] ?? words.dataset.passkeyError;
  words.hidden = false;
  words.focus();
}

async function ask(form) {
  try {
    form.elements.credential.value = written(await sign(form));
    form.submit();
  } catch (fault) {
    form.removeAttribute("aria-busy");
    for (const button of document.querySelectorAll(`[aria-busy='true']`)) button.removeAttribute("aria-busy");
    told(form, fault);
  }
}

export function startPasskeys() {
  const able = Boolean(window.PublicKeyCredential && navigator.credentials);
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!able) {
      told(form, new Error("no passkeys here"));
      for (const button of document.querySelectorAll(`[form='${form.id}']`)) button.hidden = true;
    } else {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        ask(form);
      });
    }
  }
}
