// Drives the status page in a headless Chromium, as an operator would: with keyboard and mouse, while orders
// flow. Each step prints a line; the first that fails ends it. Started by test_page.py.
//   node page.js '{"url":..., "token":..., "browser":..., "shots":..., "order":...}'
'use strict'
const { chromium } = require('playwright-core')
const assert = require('node:assert')
const path = require('node:path')

const given = JSON.parse(process.argv[2])
const faults = []

async function until (what, ask, seconds = 20) {
  const end = Date.now() + seconds * 1000
  let last
  for (;;) {
    last = await ask()
    if (last) return last
    if (Date.now() > end) throw new Error(`it did not come about: ${what}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}

function listen (page) {
  page.on('console', m => { if (m.type() === 'error' && !/401|409/.test(m.text())) faults.push(m.text()) })
  page.on('pageerror', e => faults.push(String(e)))
}

const text = (page, selector) => page.locator(selector).first().textContent()

const steps = {
  async 'asks for the token and knows a wrong one' ({ page }) {
    await page.goto(given.url)
    await page.locator('#gate').waitFor()
    assert.ok(await page.locator('#main').isHidden())
    await page.keyboard.type('not the token at all')
    await page.keyboard.press('Enter')
    await page.locator('#gate-error').waitFor()
    assert.ok(await page.locator('#main').isHidden())
  },

  async 'opens with the token of the link, which does not stay in the address' ({ page }) {
    await page.goto('about:blank')
    await page.goto(given.url + '#token=' + given.token)
    await page.locator('#main').waitFor()
    assert.strictEqual(page.url(), given.url)
    await until('ready', async () => await text(page, '#health') === 'ready')
    await until('no alarms', async () => /No alarms/.test(await text(page, '#alarms ul')))
    await page.reload()
    await page.locator('#main').waitFor()
  },

  async 'shows sessions and their numbers as they move' ({ page }) {
    const row = page.locator('#sessions tr', { hasText: 'ACME' })
    await until('ACME is up', async () => /up/.test(await row.locator('.pill').textContent()))
    const next = async () => Number(await row.locator('td').nth(2).textContent())
    const before = await next()
    await until('the numbers move', async () => await next() > before)
    await page.locator('#sessions-filter').fill('bet')
    await until('only BETA', async () => await page.locator('#sessions tbody tr').count() === 1)
    await page.locator('#sessions-filter').fill('')
    await until('all again', async () => await page.locator('#sessions tbody tr').count() === 2)
  },

  async 'draws latency and rate budget' ({ page }) {
    const graphs = page.locator('#venues .graph path')
    assert.ok(await graphs.count() >= 2)
    await until('lines', async () => (await graphs.nth(0).getAttribute('d') || '').length > 20 &&
      (await graphs.nth(1).getAttribute('d') || '').length > 10)
    assert.match(await text(page, '#venues .pill'), /healthy|looking up/)
  },

  async 'lists live orders and follows them' ({ page }) {
    await until('orders', async () => await page.locator('#orders tbody tr').count() > 3)
    const newest = await text(page, '#orders tbody tr td')
    await until('newer ones', async () => await text(page, '#orders tbody tr td') !== newest)
  },

  async 'finds an order by its ClOrdID with the keyboard and shows its whole history' ({ page }) {
    await page.locator('h1').click()
    await page.keyboard.press('/')
    await page.keyboard.type(given.order)
    await page.locator('#timeline').waitFor()
    await until('found', async () => /1 found/.test(await text(page, '#found')))
    const kinds = async () => await page.locator('#timeline .kind').allTextContents()
    await until('events of every kind', async () => {
      const all = await kinds()
      return ['FIX in', 'FIX out', 'record', 'REST call', 'REST answer'].every(k => all.includes(k))
    })
    const all = await page.locator('#timeline ol').textContent()
    assert.match(all, /NewOrderSingle/)
    assert.match(all, /ExecutionReport . New/)
    assert.match(all, /POST \S*sendorder/)
    assert.ok(!all.includes(given.secret), 'no secret is shown')
    const count = await page.locator('#timeline li').count()
    await page.locator('#show-records').uncheck()
    await until('fewer without records', async () => await page.locator('#timeline li').count() < count)
    await page.locator('#show-records').check()
  },

  async 'reads the rest from the journal' ({ page }) {
    await page.locator('#from-journal').click()
    await until('read', async () => /the journal's among them/.test(await text(page, '#timeline-note')))
    const times = (await page.locator('#timeline li .mono.num').allTextContents()).filter(t => t !== '-')
    assert.deepStrictEqual(times, [...times].sort())
    await page.keyboard.press('Escape')
    await page.locator('#timeline').waitFor({ state: 'hidden' })
    await page.locator('#search').fill('')
  },

  async 'finds by the venue\'s id, and opens rows by keyboard' ({ page }) {
    await until('orders', async () => await page.locator('#orders tbody tr').count() > 3)
    await page.locator('#orders tbody tr').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('#timeline').waitFor()
    const id = await until('a venue id', async () => {
      const m = /Venue id([0-9a-f-]{36})/.exec(await page.locator('#timeline .facts').textContent())
      return m && m[1]
    })
    await page.locator('#timeline-close').click()
    await page.locator('#search').fill(id)
    await until('found', async () => /1 found/.test(await text(page, '#found')))
    await page.locator('#timeline').waitFor()
    await page.locator('#timeline-close').click()
    await page.locator('#search').fill('')
  },

  async 'sets numbers only after the name was typed, and remembers who did' ({ page }) {
    const row = page.locator('#sessions tr', { hasText: 'BETA' })
    await row.getByRole('button', { name: 'Set numbers' }).click()
    const go = page.locator('#confirm-do')
    await page.locator('#confirm [name=in]').fill('5')
    await page.locator('#confirm [name=confirm]').fill('BET')
    assert.ok(await go.isDisabled())
    await page.locator('#confirm [name=confirm]').fill('BETA')
    await page.keyboard.press('Enter')
    await page.locator('#confirm').waitFor({ state: 'hidden' })
    await until('the number', async () => await row.locator('td').nth(2).textContent() === '5')
    await until('the audit', async () => /set-next BETA in=5/.test(await text(page, '#audit')))
  },

  async 'leaves it when asked to' ({ page }) {
    await page.locator('#sessions tr', { hasText: 'BETA' }).getByRole('button', { name: /^Reset/ }).click()
    await page.keyboard.press('Escape')
    await page.locator('#confirm').waitFor({ state: 'hidden' })
    assert.doesNotMatch(await text(page, '#audit'), /reset BETA/)
  },

  async 'tells a refusal in the dialog' ({ page }) {
    const row = page.locator('#sessions tr', { hasText: 'BETA' })
    await row.getByRole('button', { name: 'Set numbers' }).click()
    await page.evaluate(() => { document.querySelector('#confirm form').noValidate = true })
    await page.locator('#confirm [name=in]').fill('0')
    await page.locator('#confirm [name=confirm]').fill('BETA')
    await page.locator('#confirm-do').click()
    await until('why', async () => /numbers from 1/.test(await text(page, '#confirm-error')))
    await page.locator('#confirm-cancel').click()
  },

  async 'disables an account, which is an alarm, and enables it again' ({ page }) {
    const press = async name => {
      await page.locator('#venues .card').first().getByRole('button', { name }).click()
      await page.locator('#confirm [name=confirm]').fill('main')
      await page.locator('#confirm-do').click()
      await page.locator('#confirm').waitFor({ state: 'hidden' })
    }
    await press(/^Disable/)
    await until('the alarm', async () => /account main.*disabled by an operator/.test(await text(page, '#alarms ul')))
    assert.match(await page.title(), /^\(\d\) fixbridge/)
    await shots(page, 'alarm')
    await press(/^Enable/)
    await until('no alarm', async () => /No alarms/.test(await text(page, '#alarms ul')))
  },

  async 'acts by keyboard alone, and stays where it was' ({ page }) {
    const label = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'))
    const act = async wanted => {
      for (let i = 0; i < 20 && await label() !== wanted; i++) await page.keyboard.press('Tab')
      assert.strictEqual(await label(), wanted)
      await page.keyboard.press('Enter')
      await page.locator('#confirm').waitFor()
      await page.keyboard.type('BETA')
      await page.keyboard.press('Enter')
      await page.locator('#confirm').waitFor({ state: 'hidden' })
    }
    await page.locator('#sessions-filter').focus()
    await act('Disable: BETA')
    await until('the focus is on what takes its place', async () => await label() === 'Enable: BETA')
    await act('Enable: BETA')
    await until('and back', async () => await label() === 'Disable: BETA')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    assert.strictEqual(await label(), 'Disable: BETA')
  },

  async 'every control has a name' ({ page }) {
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, [role=img]')].filter(e =>
      !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length))).map(e => e.outerHTML))
    assert.deepStrictEqual(nameless, [])
  },

  async 'fits three widths in both themes' ({ page }) {
    await page.locator('#search').fill(given.order)
    await page.locator('#timeline').waitFor()
    await until('events', async () => await page.locator('#timeline li').count() > 5)
    await shots(page, 'page')
  },

  async 'remembers the theme that was chosen' ({ page }) {
    const theme = () => page.evaluate(() => document.documentElement.getAttribute('data-theme'))
    await page.locator('#theme').click()
    assert.strictEqual(await theme(), 'light')
    await page.locator('#theme').click()
    assert.strictEqual(await theme(), 'dark')
    await page.reload()
    await page.locator('#main').waitFor()
    assert.strictEqual(await theme(), 'dark')
  },

  async 'runs no script that is not its own' ({ page }) {
    const ran = await page.evaluate(() => {
      const s = document.createElement('script')
      s.textContent = 'window.foreign = true'
      document.body.append(s)
      return window.foreign === true
    })
    assert.strictEqual(ran, false)
    faults.length = 0 // the browser told of it
  },

  async 'forgets the token' ({ page }) {
    await page.locator('#leave').click()
    await page.locator('#gate').waitFor()
    await page.reload()
    await page.locator('#gate').waitFor()
  }
}

async function shots (page, name) {
  for (const [width, height] of [[360, 780], [820, 1100], [1440, 900]]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await page.evaluate(() => window.scrollTo(0, 0)) // else the header is in the middle of a picture of it all
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      assert.ok(over <= 0, `${over} px too wide at ${width}`)
      const cut = await page.evaluate(() => [...document.querySelectorAll('.panel')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.parentElement.id || e.textContent.slice(0, 80)))
      assert.deepStrictEqual(cut, [], `cut off at ${width}`)
      if (given.shots) {
        await page.screenshot({ path: path.join(given.shots, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      }
    }
  }
  if (given.shots) { // README's picture of it: pngquant makes it small
    await page.setViewportSize({ width: 1100, height: 1500 })
    await page.emulateMedia({ colorScheme: 'light' })
    await page.screenshot({ path: path.join(given.shots, `${name}-readme.png`) })
  }
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.emulateMedia({ colorScheme: null })
}

async function main () {
  const browser = await chromium.launch({ executablePath: given.browser, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
    page.setDefaultTimeout(20000)
    listen(page)
    for (const [name, step] of Object.entries(steps)) {
      await step({ page })
      assert.deepStrictEqual(faults, [], name)
      console.log('ok ' + name)
    }
    console.log('done ' + Object.keys(steps).length)
  } finally {
    await browser.close()
  }
}

main().catch(e => {
  console.log('failed: ' + (e.stack || e))
  process.exitCode = 1
})
